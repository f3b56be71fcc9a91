"""What comes in, and whose it is as far as names and numbers tell. It opens no picture.

- ``inbox``: every file that was handed in, each exactly one submission
- ``droppings``: what operating systems leave behind
- ``archives``: zip archives, opened without trusting them
- ``zip_directory``: the directory of an archive, read entry by entry
- ``remote``: inboxes and lists that lie at a URL
- ``still_copying``: which files have arrived, and which are still being copied
- ``tables``: XLSX, CSV, DBF and what else offices send, as rows of plain text
- ``column_names``: what offices call their columns, and what each means
- ``headers``: where the columns of a table are, and which sheets of a file have them
- ``roster``: the student records 名单
- ``roster_rows``: one row of it: a student, no student, or a fault
- ``no_student``: totals, signatures and notes; what stands for a number that is not there
- ``roster_notes``: what is said of how it was read
- ``card_numbers``: which students a code card names
- ``identifiers``: ID numbers, student numbers and names, as people type them
- ``file_name_tokens``: file names taken apart
- ``file_names``: names that every file system takes
- ``written_paths``: paths that people wrote into a table, and the files that arrived
- ``matching``: whose photo a file is; never a guess
- ``class_folders``: a file named by 姓名 in a folder named by 班级
- ``scans``: a list of whose code was read when
- ``contenders``: which of a student's files may speak for the student
- ``references``: which reference photo 参考照片 shows which student
"""
