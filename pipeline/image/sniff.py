"""What a file is by its first bytes; its name is no evidence."""

from pipeline.core.errors import NotPhotoError
from pipeline.core.records import FileKind
from pipeline.core.rules import Text
from pipeline.image.raw_marks import is_raw

_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
    b"BM": "BMP",
}
_PNG_END = b"IEND\xaeB`\x82"
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_RAW = Text("相机 RAW 文件，请导出 JPG", "a camera's RAW file: export it as JPEG")
_PSD = Text("这是 Photoshop 文档，请导出为 JPEG", "this is a Photoshop file: export it as JPEG")
_NEW_FORMAT = Text(
    "这种图片格式不受支持，请导出为 JPEG", "a format that is not read: export it as JPEG"
)
_VIDEO = Text("不是可识别的图片文件（这是视频）", "not an image of a known kind (it is a video)")
_ARCHIVE = Text("这是压缩包，不是照片", "this is an archive, not a photo")
_OFFICE = Text("这是 Office 文档，不是照片", "this is an Office file, not a photo")
_SIDECAR = Text(
    "这是修图记录等附带文件，不是照片", "this is a record of edits beside a photo, not a photo"
)
_MASTERS = {
    b"8BPS": _PSD,
    b"\xff\x0a": _NEW_FORMAT,  # JPEG XL
    b"\0\0\0\x0cJXL ": _NEW_FORMAT,
    b"\0\0\0\x0cjP  ": _NEW_FORMAT,  # JPEG 2000
    b"\xff\x4f\xff\x51": _NEW_FORMAT,
}
_NOT_PHOTOS = {
    b"%PDF": Text("这是 PDF 文件，不是照片", "this is a PDF, not a photo"),
    b"PK\x03\x04": Text(
        "这是 Office 文档或压缩包，不是照片", "this is an Office file or an archive"
    ),
    b"\xd0\xcf\x11\xe0": _OFFICE,
    b"Rar!": _ARCHIVE,
    b"7z\xbc\xaf": _ARCHIVE,
    b"\x1f\x8b": _ARCHIVE,  # gzip
    b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE,
    b"MSCF": _ARCHIVE,  # cabinet
    b"\0\5\x16\7": Text(
        "这是 macOS 的附属文件，不是照片", "this is a companion file of macOS, not a photo"
    ),
    b"<x:xmpmeta": _SIDECAR,
    b"<?xpacket": _SIDECAR,
    b"bplist": _SIDECAR,
    b"\x1aE\xdf\xa3": _VIDEO,  # Matroska
    b"<": Text("这是网页文件，不是照片", "this is a web page, not a photo"),
}
_IN_SIDECARS = (b"plist", b"xmpmeta")  # Apple's AAE; XMP as some write it
# The first box of a video without ftyp, as QuickTime wrote before 2005.
_VIDEO_BOXES = {b"moov", b"mdat", b"wide", b"pnot"}
_VIDEO_BRANDS = (b"qt", b"iso", b"mp4", b"avc", b"M4", b"3g", b"MSNV", b"dash", b"f4")
_EMPTY = Text("文件为空", "the file is empty")
_NO_IMAGE = Text("不是可识别的图片文件", "not an image of a known kind")


def sniff(data: bytes) -> str:
    """Name the picture format that the first bytes belong to.

    Returns
    -------
    str
        JPEG, PNG, GIF, TIFF, BMP, WEBP, AVIF or HEIF.

    Raises
    ------
    NotPhotoError
        Empty, a camera's RAW, or something else; the reason names the usual mistakes.
    """
    if not data:
        raise NotPhotoError(_EMPTY)
    if is_raw(data):
        raise NotPhotoError(_RAW, FileKind.MASTER)
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        size = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[at : at + 4] for at in (8, *range(16, size, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    raise _other(data)


def _other(data: bytes) -> NotPhotoError:
    """Say what a file is that is no picture of a format that is read."""
    for magic, why in _MASTERS.items():
        if data.startswith(magic):
            return NotPhotoError(why, FileKind.MASTER)
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<?xml") and any(word in data[:512] for word in _IN_SIDECARS):
        return NotPhotoError(_SIDECAR)
    for magic, why in _NOT_PHOTOS.items():
        if start.startswith(magic):
            return NotPhotoError(why)
    film = data[4:8] == b"ftyp" and data[8:12].startswith(_VIDEO_BRANDS)
    if film or data[4:8] in _VIDEO_BOXES or (data[:4] == b"RIFF" and data[8:11] == b"AVI"):
        return NotPhotoError(_VIDEO)
    return NotPhotoError(_NO_IMAGE, FileKind.UNKNOWN)


def is_whole(kind: str, data: bytes) -> bool:
    """Whether a file is as long as its own structure says.

    Decoders are content when the last bytes are missing, as long as the pixels are
    there; a file cut off in transfer is to be sent again all the same. Formats without
    such a mark (JPEG among them, whose decoder insists on its end) count as whole.
    """
    if kind == "PNG":
        return _PNG_END in data
    if kind == "WEBP":
        return len(data) >= int.from_bytes(data[4:8], "little") + 8
    if kind in {"HEIF", "AVIF"}:
        at = 0
        while at + 8 <= len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            if size == 1:
                size = int.from_bytes(data[at + 8 : at + 16], "big")
            if size < 8 or not data[at + 4 : at + 8].isalnum():
                return True  # a box of size 0 runs to the end; a maker's trailer is no box
            at += size
        return at <= len(data)
    return True
