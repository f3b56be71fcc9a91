"""Where paths lead: links that point at themselves lead nowhere, and nothing fails."""

from pipeline.core.places import files_at, is_among, lies_in, real


def test_a_path_lies_in_a_folder_through_whatever_links(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert lies_in(tmp_path / "link" / "b", tmp_path / "a")
    assert lies_in(tmp_path / "a", tmp_path / "link")
    assert not lies_in(tmp_path / "a", tmp_path / "a" / "b")
    assert not lies_in(tmp_path / "ab", tmp_path / "a")


def test_a_link_to_itself_leads_nowhere(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    assert lies_in(tmp_path / "loop", tmp_path)
    assert real(tmp_path / "loop" / "x").name == "x"
    assert files_at([tmp_path / "loop" / "x", tmp_path / "none"]) == frozenset()
    assert is_among(tmp_path / "loop", files_at([tmp_path / "loop"]))


def test_a_file_is_known_by_itself_and_not_by_its_name(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    given = files_at([tmp_path / "link"])
    assert is_among(tmp_path / "a", given)
    assert is_among(tmp_path / "link", given), "it was given itself"
    assert not is_among(tmp_path / "link", files_at([tmp_path / "a"]))
    assert not is_among(tmp_path / "b", given)
