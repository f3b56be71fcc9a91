"""What comes in, and whose it is as far as names and numbers tell. It opens no picture.

- ``inbox``: every file that was handed in, each exactly one submission
- ``archives``: zip archives, opened without trusting them
- ``remote``: inboxes and lists that lie at a URL
- ``still_copying``: which files have arrived, and which are still being copied
- ``tables``: XLSX, CSV and DBF as rows of plain text
- ``roster``: the student records 名单
- ``identifiers``: ID numbers, student numbers and names, as people type them
- ``file_name_tokens``: file names taken apart
- ``file_names``: names that every file system takes
- ``written_paths``: paths that people wrote into a table, and the files that arrived
- ``matching``: whose photo a file is; never a guess
- ``references``: which reference photo 参考照片 shows which student
"""
