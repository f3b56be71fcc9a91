"""Tables as offices send them, read into rows of plain text; a module a kind of file.

`read.read_tables` is the way in. It tells the kind by content, and refuses in one line what is
no table. `cells` holds the values and the limits that all kinds share.
"""
