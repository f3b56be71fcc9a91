"""Registration files on their way to somebody else: packages made, and packages verified.

- ``manifest``: the list beside the registration files, ours or another's
- ``package``: zip archives of what a run wrote; the same run, the same bytes
- ``outdated``: packages of an earlier check that no longer fit
- ``incoming``: a package that is to be verified, opened and understood
- ``path_pairs``: the paths in a package and those that its list names
- ``verify``: files, list and roster laid side by side
"""
