"""The labelled files of photos/format: what each is decoded to, or why it is refused."""

import itertools

import numpy as np
import pytest
from pictures import read
from PIL import Image

from pipeline.core.errors import PhotoError

INCOMPLETE = "文件不完整（传输中断）"
DAMAGED = "文件已损坏，或编码方式不受支持"
TOO_LARGE = "图片过大，无法安全打开"


REFUSED = {
    "Pillow__seek_too_large.tif": DAMAGED,  # a BigTIFF of 16 bytes
    "Pillow__truncated_image.png": INCOMPLETE,
    "Pillow__truncated_jpeg.jpg": INCOMPLETE,
    "Pillow__ultrahdr.jpg": INCOMPLETE,  # cut short by its publishers
    "Pillow__unknown_compression_method.png": DAMAGED,
    "metadata-extractor__NegativeArraySizeException.ItemInfoBox.init.heif": DAMAGED,
    "metadata-extractor__NullPointerException.HeifPictureHandler.processBox.heif": INCOMPLETE,
    "pillow_heif__200MP.heic": TOO_LARGE,
    "pillow_heif__truncated.heic": INCOMPLETE,  # the last byte of its second picture
    "pocs__smallest-invalid.png": INCOMPLETE,  # ends within its IDAT chunk
}
READ = {  # upright width and height, as looked at
    "Pillow__exif.avif": (512, 512),
    "Pillow__exif_imagemagick_orientation.png": (512, 512),
    "Pillow__hopper_bad_exif.jpg": (500, 500),
    "Pillow__icc-after-SOF.jpg": (10, 10),
    "Pillow__icc_profile_big.jpg": (425, 250),
    "Pillow__orientation_rectangle.jpg": (1, 2),
    "Pillow__pil_sample_cmyk.jpg": (100, 100),
    "Pillow__sugarshack.mpo": (640, 480),
    "Pillow__sugarshack_no_data.mpo": (640, 480),  # only the second view is missing
    "exif-samples__HMD_Nokia_8.3_5G_hdr.heif": (4608, 3456),
    "exif-samples__IMG_5195.HEIC": (2566, 3313),
    "exif-samples__image01088.jpg": (425, 120),
    "exif-samples__image01980.jpg": (284, 25),
    "exif-samples__image02206.jpg": (65, 65),
    **{f"exif-samples__portrait_{n}.jpg": (450, 600) for n in range(1, 9)},
    "metadata-extractor__IMG_2927.HEIC": (3024, 4032),
    "metadata-extractor__Samsung_GT-I9000_Galaxy_S_.jpg": (480, 640),
    "pillow_heif__RGBA_16__128x128.png": (128, 128),
    "pillow_heif__RGB_12__128x128.heif": (128, 128),
    "pillow_heif__RGB_16__128x128.png": (128, 128),
    "pocs__20scans.jpg": (1944, 2508),
    "pocs__jpg-jpg1.jpg": (1280, 720),
    "pocs__lossless.jpg": (141, 188),  # black and white in DCT blocks, without loss
    "pocs__small.jpg": (1, 1),  # arithmetic coding
}


@pytest.mark.photos
def test_every_real_file_is_read_upright_or_refused_for_its_own_reason(photos, capfd):
    names = {path.name for path in (photos / "format").iterdir()}
    assert names == REFUSED.keys() | READ.keys()
    for name, reason in REFUSED.items():
        with pytest.raises(PhotoError) as caught:
            read((photos / "format" / name).read_bytes())
        assert caught.value.why.zh == reason, name
    for name, (width, height) in READ.items():
        photo = read((photos / "format" / name).read_bytes())
        assert photo.pixels.shape == (height, width, 3), name
        assert photo.facts.frames == 1, name
    assert capfd.readouterr() == ("", "")


@pytest.mark.photos
def test_eight_real_orientations_show_one_scene(photos):
    """Each file has its own number in the middle; all around it the scene is the same."""
    scenes = []
    for number in range(1, 9):
        photo = read((photos / "format" / f"exif-samples__portrait_{number}.jpg").read_bytes())
        scenes.append(np.asarray(Image.fromarray(photo.pixels).reduce(10)).astype(int))
    for one, other in itertools.combinations(scenes, 2):
        assert np.median(np.abs(one - other)) < 10
