"""A registration file that is right in all but its tags: mended without touching a pixel.

A JPEG is a row of segments; the picture is in the tables, the frame header and the
entropy-coded scans. Those are copied byte for byte. Around them stand the resolution
(JFIF), camera data, position and a thumbnail (EXIF), comments and whatever programs
leave: of these only what the standard asks for is written.
"""

from collections.abc import Iterator

from pipeline.image.colour import ADOBE_RGB_PROFILE, SRGB_PROFILE, is_srgb
from pipeline.spec.document import Output

_SOI, _EOI, _SOS, _COMMENT = b"\xff\xd8", b"\xff\xd9", 0xDA, 0xFE
_APP0, _APP2, _APP14, _APP15 = 0xE0, 0xE2, 0xEE, 0xEF
_RESTARTS = range(0xD0, 0xD8)
_JFIF, _ICC, _ADOBE = b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"
_YCBCR = 1  # Adobe's word for the colours that JFIF means too
_CM_AN_INCH = 2.54

Segment = tuple[int, bytes]  # marker, and all bytes from its FF to what follows it


def retag(data: bytes, output: Output, *, is_adobe_rgb: bool = False) -> bytes | None:
    """Return a JPEG the tags that the spec asks for, and take every other tag away.

    Parameters
    ----------
    data
        A JPEG of 8-bit RGB (as YCbCr), upright without an orientation tag.
    output
        Says the resolution and whether an sRGB profile is written.
    is_adobe_rgb
        Whether only EXIF, which is taken away, says that the colours are Adobe RGB.

    Returns
    -------
    bytes or None
        ``data`` itself where nothing is wrong. None where it cannot be mended so: its
        segments are not in order, or its colours are stored in a way that JFIF does not
        know. Tables, frame header and scans are the same bytes in the same order; what lay
        behind the end of the picture (further pictures, a video) is gone. A profile that
        means other colours than sRGB stays, and one takes the place of EXIF that does: without
        it they would be others.
    """
    segments = list(_segments(data))
    if not segments or segments[-1][0] != _EOI[1]:
        return None
    profile = [body for marker, body in segments if marker == _APP2 and body[4:16] == _ICC]
    adobe = [body for marker, body in segments if marker == _APP14 and body[4:9] == _ADOBE]
    if any(body[15:16] != bytes([_YCBCR]) for body in adobe):
        return None
    first = [body for marker, body in segments[:1] if marker == _APP0 and _is_right(body, output)]
    head = first or [_jfif(output.dpi)]
    if not is_srgb(b"".join(body[18:] for body in profile)):
        head += profile
    elif is_adobe_rgb:
        head.append(_icc(ADOBE_RGB_PROFILE))
    elif output.profile == "srgb":
        head.append(_icc(SRGB_PROFILE))
    kept = [body for marker, body in segments if not _is_tag(marker)]
    return b"".join((_SOI, *head, *kept))


def _segments(data: bytes) -> Iterator[Segment]:
    """Yield every segment after SOI, a scan with its coded data, up to EOI; stop at disorder."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 1 < len(data):
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _EOI[1]:
            yield marker, _EOI
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SOS:
            end = _end_of_scan(data, end)
        if end > len(data) or end < at + 4:
            return
        yield marker, data[at:end]
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    """Find the next marker that is no restart: within coded data every FF is followed by 0."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and data[at + 1] not in _RESTARTS:
            return at
        at += 2
    return len(data)


def _is_tag(marker: int) -> bool:
    return _APP0 <= marker <= _APP15 or marker == _COMMENT


def _is_right(body: bytes, output: Output) -> bool:
    """Whether a JFIF segment has the resolution that is asked for, and no thumbnail."""
    if body[4:9] != _JFIF or len(body) != 18 or body[11] not in (1, 2):
        return False
    to_inch = 1.0 if body[11] == 1 else _CM_AN_INCH
    sides = (int.from_bytes(body[at : at + 2], "big") * to_inch for at in (12, 14))
    return all(output.dpi <= round(side) <= output.dpi_most for side in sides)


def _jfif(dpi: int) -> bytes:
    """JFIF 1.01, dots an inch, no thumbnail."""
    density = dpi.to_bytes(2, "big")
    return _segment(_APP0, _JFIF + b"\1\1\1" + density + density + b"\0\0")


def _icc(profile: bytes) -> bytes:
    return _segment(_APP2, _ICC + b"\1\1" + profile)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body
