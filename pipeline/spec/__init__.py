"""Specifications: a standard as data, each number with its source.

Reading one needs the rules and nothing that runs a model. The TOML files lie in
``pipeline/specs``.

- ``document``: the tables of a file, and what their numbers may be
- ``spec``: a specification, checked against the checks that will use it
- ``school``: the school of a season: code, offices, make-up days
- ``files``: the TOML files, inheritance by ``extends``, the line of a key
"""
