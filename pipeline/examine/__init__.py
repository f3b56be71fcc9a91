"""One photo from bytes to findings: what a worker process does.

It stands above ``duplicates`` because it takes the photo's fingerprint while the pixels are
there. It knows no roster and no other photo.

- ``facts``: what is measured on one photo, once and lazily; all that computes, with
- ``head_facts``: those of a photo whose head was measured, and of its crop
- ``measure``: from the bytes of a photo to its facts, and which kind they are
- ``check``: the contract between the core and a check
- ``framing``: several broken rules of framing, told as their one cause
- ``marks``: the preview of a photo, and what is drawn over it
- ``setting``: how photos are examined, and by what
- ``logistic``: the one small fitted model, and its weights
- ``embedding``: a face as 128 numbers; only where a run compares faces
- ``background_replacement``: another background behind the person; off unless asked for
- ``upload``: the registration file of a photo that keeps every rule, read back
- ``examine``: all of this for one photo
"""
