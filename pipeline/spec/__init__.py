"""Specifications: a standard as data, each number with its source.

Reading one needs the rules and nothing that runs a model. The TOML files lie in
``pipeline/specs``.

- ``spec``: what a specification holds, and how it is checked
- ``files``: the TOML files, inheritance by ``extends``, the line of a key
"""
