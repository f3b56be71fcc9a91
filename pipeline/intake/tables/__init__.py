"""Tables as offices send them, read into rows of plain text; a module a kind of file.

`read.read_tables` is the way in. It tells the kind by content, and refuses in one line what is
no table. Which columns a table has, it does not ask: that is `pipeline.intake.headers`.

- ``read``: the way in: what kind of file it is, and what tables are in it
- ``cells``: cells, rows and tables, and how large they may be
- ``separated``: CSV and other separated text
- ``xlsx``: workbooks of Excel, transitional and strict, read as a stream
- ``xls``: workbooks of Excel 97 to 2003, and of WPS
- ``xml_2003``: XML spreadsheets of Excel 2003
- ``ods``: OpenDocument spreadsheets
- ``web_page``: tables of web pages under the name .xls
- ``dbf``: dBASE tables
- ``xml_stream``: XML element by element
"""
