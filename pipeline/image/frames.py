"""Which picture of a file is the photo, and whether there is another photo beside it.

Reduced copies, masks, depth maps and a phone's second view are no further photos; a burst,
an animation and pages are: where they are equals nobody can say which one was meant.
"""

from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile
from pillow_heif import HeifImageFile
from pillow_heif.heif import HeifFile

from pipeline.image.decoder_errors import BAD_BYTES

_SUBFILE_TYPE, _OLD_SUBFILE_TYPE = 0xFE, 0xFF
_REDUCED_OR_MASK = 0b101  # bits of the one
_REDUCED = 2  # value of the other
_MOST_PAGES = 32  # looked at; a pyramid has a dozen
_OF_ONE_PHOTO = frozenset({"altr", "ster"})  # kinds of a HEIF's groups
_SAME_SHAPE = 0.02  # relative: the sides of a reduced copy are whole pixels


def settle(image: ImageFile) -> int:
    """Turn a file that was just opened to the picture that is the photo; count the photos.

    In a HEIF it is the primary picture. Another one counts unless it is a smaller one of the
    same shape, or grouped with it as its alternative or its second view. In a TIFF it is the
    first page that is marked neither as a reduced copy nor as a mask, and only such pages
    count. The further pictures of an MPO are not looked at.

    Returns
    -------
    int
        1, or more where there is another photo; 2 is "at least two" for GIF and TIFF.
    """
    if isinstance(image, TiffImageFile):
        return _settle_tiff(image)
    if isinstance(image, HeifImageFile):
        return _count_heif(image)
    if isinstance(image, GifImageFile):
        return 2 if image.is_animated else 1
    return int(getattr(image, "n_frames", 1))


def is_turned_by_file(image: HeifImageFile) -> bool:
    """Whether a HEIF says by itself how it is turned or mirrored; EXIF then only repeats it."""
    primary = _opened(image)[image.tell()]
    done = {kind for kind, *_ in primary._c_image.transformations}  # noqa: SLF001 - told nowhere else
    return not done.isdisjoint({"irot", "imir"})


def _opened(image: HeifImageFile) -> HeifFile:
    opened = image._heif_file  # noqa: SLF001 - to open it again would parse it twice
    assert opened is not None
    return opened


def _count_heif(image: HeifImageFile) -> int:
    pictures, primary = _opened(image), image.tell()
    groups = image.info.get("entity_groups", ())
    views = {
        index
        for group in groups
        if group["type"] in _OF_ONE_PHOTO and primary in group["images"]
        for index in group["images"]
    }
    others = (other for index, other in enumerate(pictures) if index not in {primary, *views})
    return 1 + sum(not _is_reduced(other.size, image.size) for other in others)


def _is_reduced(size: tuple[int, int], of: tuple[int, int]) -> bool:
    across, down = size[0] / of[0], size[1] / of[1]
    return max(across, down) < 1 and abs(across / down - 1) < _SAME_SHAPE


def _settle_tiff(image: TiffImageFile) -> int:
    if not image.is_animated:
        return 1
    photos: list[int] = []
    page = 0
    while len(photos) < 2 and page < _MOST_PAGES and _turn_to(image, page):
        if not _is_copy(image):
            photos.append(page)
        page += 1
    _turn_to(image, photos[0] if photos else 0)
    return 2 if len(photos) > 1 or page == _MOST_PAGES else 1


def _turn_to(image: TiffImageFile, page: int) -> bool:
    """Turn to a page; False behind the last one."""
    try:
        image.seek(page)
    except EOFError:
        return False
    except BAD_BYTES:  # of a kind that cannot be decoded: its tags were read all the same
        return True
    return True


def _is_copy(image: TiffImageFile) -> bool:
    kind = int(image.tag_v2.get(_SUBFILE_TYPE, 0))
    return bool(kind & _REDUCED_OR_MASK) or image.tag_v2.get(_OLD_SUBFILE_TYPE) == _REDUCED
