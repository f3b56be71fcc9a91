"""Tables as offices send them, read into rows of plain text; a module a kind of file.

What is no table is refused in one line that says what it is.

- ``read``: the way in, which tells the kind by content
- ``cells``: cells, rows and tables, and the limits that all kinds share
- ``xlsx``: workbooks of Excel, transitional and strict
- ``xls``: workbooks of Excel 97 to 2003
- ``ods``: OpenDocument spreadsheets
- ``xml_2003``: XML spreadsheets of Excel 2003
- ``web_page``: tables of web pages
- ``separated``: CSV and other text
- ``dbf``: dBASE tables
- ``xml_stream``: XML read element by element
"""
