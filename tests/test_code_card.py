"""Drawn code cards: read at 2 to 8 % of the frame, tilted, blurred; and nothing else is a card."""

import cv2
import numpy as np
import pytest
import zxingcpp

from checks import CHECKS
from flows.measuring.code_cards import card
from pipeline.core.records import FileKind, Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.image.code_card import read_codes


@pytest.mark.parametrize("share", [0.02, 0.04, 0.08])
@pytest.mark.parametrize(
    ("tilt", "blur"), [(0, 0.0), (30, 0.0), (50, 0.0), (0, 1.5), (0, 2.5), (30, 1.5)]
)
def test_a_card_is_read(share, tilt, blur):
    number, pixels = card(np.random.default_rng(18), share, tilt, blur)
    assert read_codes(pixels) == number


def test_a_card_in_full_resolution_is_read():
    number, pixels = card(np.random.default_rng(18), 0.02, 30, 0.0)
    assert read_codes(cv2.resize(pixels, (6000, 4000))) == number


def test_both_of_two_cards_are_read():
    cards = [card(np.random.default_rng(seed), 0.04, 0, 0.0) for seed in (1, 2)]
    read = read_codes(np.vstack([pixels for _, pixels in cards]))
    assert read.splitlines() == sorted(number for number, _ in cards)


def test_another_kind_of_code_is_no_card(sitter):
    kinds = zxingcpp.BarcodeFormat
    pixels = sitter()
    for at, (kind, text) in enumerate(
        [(kinds.EAN13, "6901234567892"), (kinds.Code128, "2023141460001"), (kinds.PDF417, "2023")]
    ):
        code = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=2))
        pixels[at * 400 :][: code.shape[0], : code.shape[1]] = code[..., None]
        assert zxingcpp.read_barcodes(pixels)  # it can be read, but is no card
    assert read_codes(pixels) == ""


@pytest.mark.parametrize("seed", range(6))
def test_a_sitter_is_no_card(sitter, seed):
    assert read_codes(sitter(seed)) == ""


def test_a_frame_is_a_card_by_a_number_of_the_roster_and_else_a_photo(tmp_path, spec, sitter, jpeg):
    number, frame = card(np.random.default_rng(18), 0.04, 0, 0.0)
    poster = zxingcpp.create_barcode("https://example.org", zxingcpp.BarcodeFormat.QRCode)
    code = np.asarray(poster.to_image(scale=6))
    portrait = sitter()
    portrait[: code.shape[0], : code.shape[1]] = code[..., None]
    for name, pixels in (("card", frame), ("portrait", portrait)):
        (tmp_path / name).write_bytes(jpeg(pixels, quality=90))
    tools = Tools(CHECKS, load_models())

    def seen(name, *numbers):
        setting = Setting(spec, Mode.SOURCE, cards=dict.fromkeys(numbers, "a student"))
        examined = examine(Submission(name, tmp_path / name), setting, tools)
        faces = next(f.outcome for f in examined.findings if f.code == "FC001")
        return examined.kind, examined.card, str(faces)

    assert seen("card", number) == (FileKind.CARD, number, "not_applicable")
    assert seen("card", "2023000000000") == (FileKind.PHOTO, number, "broken")
    assert seen("portrait", number) == (FileKind.PHOTO, "https://example.org", "passed")
