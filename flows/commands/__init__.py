"""The commands of `flows.cli`: options in, one call of a plain function, words out.

Each imports what it needs inside its function, so that ``--help`` answers at once.

- ``options``: options that several commands share
- ``inspection``: `gradphoto inspect`
- ``overlays``: where the overlays of `inspect` go
- ``package``: `gradphoto pack` and `gradphoto verify`
- ``season``: `gradphoto season …`
- ``flow``: `gradphoto flow …`
"""
