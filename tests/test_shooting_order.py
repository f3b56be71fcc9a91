"""The shooting order: by the camera's count, else by the clock, else as listed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.shooting_order import camera_number, number_tokens, shooting_order


def in_order(photos, *, numbers=(), taken=None, listed=()):
    order = shooting_order(photos, numbers, taken or {}, listed)
    return order.source, [list(s.photos) for s in order.sequences]


def files(*numbers, prefix="IMG_", folder=""):
    return [f"{folder}{prefix}{number:04}.JPG" for number in numbers]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("IMG_0123.JPG", ("IMG", 123)),
        ("DSC01234.JPG", ("DSC", 1234)),
        ("_MG_0042.jpg", ("MG", 42)),
        ("P1010123.JPG", ("P", 1010123)),
        ("0123.jpg", ("", 123)),
        ("2023141460012_IMG_0123.jpg", ("IMG", 123)),
        ("IMG_0123_2023141460012.jpg", ("IMG", 123)),
        ("张三_IMG_0123.jpg", ("IMG", 123)),
        ("IMG_0123 (2).jpg", ("IMG", 123)),
        ("2023141460012.jpg", None),  # the student's number is no count
        ("20231414.jpg", None),  # a short one neither
        ("mmexport1684812345678.jpg", None),  # a messenger's time stamp
        ("张三.jpg", None),
        ("12.jpg", None),
    ],
)
def test_the_camera_number_in_a_file_name(name, found):
    known = number_tokens(["2023141460012", "20231414"])
    assert camera_number(name, known) == found


def test_photos_follow_the_cameras_count_whatever_their_order_in_the_folder():
    photos = files(3, 1, 2, 10)
    assert in_order(photos) == ("file_number", [files(1, 2, 3, 10)])


def test_numbers_that_were_skipped_are_known():
    (shots,) = shooting_order(files(5, 6, 9), (), {}, ()).sequences
    assert shots.skipped == (0, 0, 2)


def test_a_count_that_rolls_over_goes_on_after_9999():
    photos = files(9998, 9999, 1, 2, 4)
    (shots,) = shooting_order(photos, (), {}, ()).sequences
    assert list(shots.photos) == photos
    assert shots.skipped == (0, 0, 0, 0, 1)


@pytest.mark.parametrize("numbers", [(1, 2, 3, 9000), (200, 201, 9998, 9999)])
def test_two_parts_far_apart_that_do_not_meet_at_9999_are_no_roll_over(numbers):
    assert in_order(files(*numbers)) == ("file_number", [files(*numbers)])


def test_the_next_folder_of_a_camera_continues_the_count():
    photos = files(9998, 9999, folder="DCIM/100CANON/") + files(1, 2, folder="DCIM/101CANON/")
    (shots,) = shooting_order(photos, (), {}, ()).sequences
    assert list(shots.photos) == photos
    assert shots.skipped == (0, 0, 0, 0)


def test_two_cameras_are_two_sequences_by_prefix_and_by_folder():
    a, b, c = files(1, 2, 3), files(1, 2, 3, prefix="DSC"), files(2, 3, 4, folder="b/")
    assert in_order([*c, *b, *a]) == ("file_number", [b, a, c])


def test_student_numbers_are_no_order_so_the_clock_is_asked():
    photos = ["2023001.jpg", "2023002.jpg", "2023003.jpg"]
    times = ["2026:03:01 09:00:02", "2026:03:01 09:00:01", "2026:03:01 09:00:03"]
    found = in_order(
        photos,
        numbers=["2023001", "2023002", "2023003"],
        taken=dict(zip(photos, times, strict=True)),
    )
    assert found == ("capture_time", [["2023002.jpg", "2023001.jpg", "2023003.jpg"]])


def test_frames_counted_anew_for_each_student_are_no_order():
    photos = [f"{number}_{frame:03}.jpg" for number in (2023001, 2023002) for frame in (1, 2)]
    photos += ["2023003_001.jpg"]
    numbers = ["2023001", "2023002", "2023003"]
    assert in_order(photos, numbers=numbers, listed=photos[::-1]) == ("listed", [photos[::-1]])


def test_without_count_and_clock_the_list_is_the_order():
    photos = ["c.jpg", "a.jpg", "b.jpg"]
    listed = ["b.jpg", "gone.jpg", "c.jpg", "a.jpg", "b.jpg"]
    assert in_order(photos, listed=listed) == ("listed", [["b.jpg", "c.jpg", "a.jpg"]])


def test_nothing_known_is_said_as_such():
    order = shooting_order(["c.jpg", "a.jpg"], (), {"a.jpg": "0000:00:00 00:00:00"}, ())
    assert (order.source, order.sequences) == ("unknown", ())
    assert order.words.zh == "拍摄顺序未知"


def test_a_count_that_places_few_gives_way_to_the_clock():
    photos = [*files(1, 2, 3), *(f"{letter}.jpg" for letter in "abcdefgh")]
    taken = {photo: f"2026:03:01 09:00:{at:02}" for at, photo in enumerate(photos)}
    assert in_order(photos, taken=taken) == ("capture_time", [photos])
    assert in_order(photos)[0] == "file_number"  # rather than nothing


@given(st.lists(st.integers(1, 9999), min_size=3, unique=True), st.randoms())
def test_every_photo_is_placed_once_in_any_order_of_the_input(numbers, random):
    photos = files(*numbers)
    shuffled = photos[:]
    random.shuffle(shuffled)
    order = shooting_order(photos, (), {}, ())
    assert order == shooting_order(shuffled, (), {}, ())
    assert sorted(order.sequences[0].photos) == sorted(photos)
