"""The commands of `flows.cli`: options in, one call of a plain function, words out.

Each imports what it needs inside its function, so that ``--help`` answers at once.

- ``options``: options that several commands share
- ``shoot_options``: those of one shoot
- ``typer_in_chinese``: what Typer says of its own, in Chinese
- ``check``: `gradphoto check` and `gradphoto inspect`
- ``inspection``: what `gradphoto inspect` does with each file
- ``overlays``: where the overlays of `inspect` go
- ``watch``: `gradphoto watch`
- ``desk``: `gradphoto desk`
- ``package``: `gradphoto pack` and `gradphoto verify`
- ``lists``: `gradphoto lists` and `gradphoto notices`
- ``models``: `gradphoto models …`
- ``roster``: `gradphoto roster template`
- ``season``: `gradphoto season …`: begin, take in, look
- ``season_decisions``: what is decided after a round
- ``season_privacy``: what is kept of people, and its end
- ``spec``: `gradphoto rules` and `gradphoto spec …`
- ``measure``: `gradphoto evaluate` and `gradphoto calibrate`
- ``flow``: `gradphoto flow …`
"""
