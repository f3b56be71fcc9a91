"""What a file is by its first bytes; its name is no evidence."""

from pipeline.core.errors import PhotoError
from pipeline.core.rules import Text

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
_NOT_PHOTOS = {
    b"%PDF": Text("这是 PDF 文件，不是照片", "this is a PDF, not a photo"),
    b"PK\x03\x04": Text(
        "这是 Office 文档或压缩包，不是照片", "this is an Office file or an archive"
    ),
    b"\xd0\xcf\x11\xe0": Text("这是 Office 文档，不是照片", "this is an Office file, not a photo"),
    b"Rar!": Text("这是压缩包，不是照片", "this is an archive, not a photo"),
    b"7z\xbc\xaf": Text("这是压缩包，不是照片", "this is an archive, not a photo"),
    b"8BPS": Text(
        "这是 Photoshop 文档，请导出为 JPEG", "this is a Photoshop file: export it as JPEG"
    ),
    b"<": Text("这是网页文件，不是照片", "this is a web page, not a photo"),
}
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
    PhotoError
        Empty, or something else; the reason names the usual mistakes.
    """
    if not data:
        raise PhotoError(_EMPTY)
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
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, why in _NOT_PHOTOS.items():
        if start.startswith(magic):
            raise PhotoError(why)
    raise PhotoError(_NO_IMAGE)


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
