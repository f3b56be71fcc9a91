"""The core: everything that happens to photos and records between the inbox and the lists.

It knows no command line, no report and no Prefect. Each folder is a floor: it may import the
floors below it and nothing above (`lint-imports` holds that). From the bottom to the top:

- ``core``: rules, findings, verdicts, records, errors; worker processes, private files
- ``rules``: the rules that are no check on one photo
- ``spec``: a standard as data, read from ``specs/*.toml``
- ``intake``: inbox, archives, roster, tables; whose photo a file is
- ``image``: bytes to upright pixels, and pixels to the registration file
- ``face``: the models, landmarks, views of the head, the crop
- ``duplicates``: the same picture under two students, or handed in again
- ``examine``: one photo from bytes to findings
- ``identity``: who is in the picture
- ``batch``: all photos and the roster together; rounds; other limits on stored findings
- ``handover``: packages of registration files, made and verified
- ``ledger``: a season's memory
"""
