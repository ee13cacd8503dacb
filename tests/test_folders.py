"""Lists of paths: folders that are affected as a whole, or for the most part, are one line."""

from __future__ import annotations

from catalog_models.folders import shorten_list, sum_up_folders


def lines(*affected: str, **others: int) -> list[str]:
    return [
        line.text() for line in sum_up_folders(affected, {k.replace("_", "/"): n for k, n in others.items()})
    ]


def test_a_whole_folder_is_one_line() -> None:
    gone = [f"2009/Show 11/{number}.mov" for number in range(24)]
    assert lines(*gone, **{"2009_Show 12": 3}) == ["2009/Show 11/ — 24 files"]


def test_a_folder_with_whole_folders_is_one_line() -> None:
    assert lines("a/b/1", "a/c/2", "a/3", z=1) == ["a/ — 3 files"]


def test_a_line_is_named_after_what_its_files_have_in_common() -> None:
    assert lines("a/b/c/1", "a/b/c/2", z=1) == ["a/b/c/ — 2 files"]


def test_one_file_is_listed_by_its_name() -> None:
    assert lines("a/b/1.mp4", z=1) == ["a/b/1.mp4"]


def test_most_of_a_folder_is_one_line_and_less_is_not() -> None:
    assert lines("a/1", "a/2", "a/3", a=2) == ["a/ — 3 of 5 files"]
    assert lines("a/1", "a/2", "a/3", a=3) == ["a/1", "a/2", "a/3"]
    assert lines("a/1", "a/2", a=1) == ["a/1", "a/2"]


def test_folders_whose_names_begin_alike_are_not_mixed_up() -> None:
    assert lines("Show 1/a", "Show 1/b", **{"Show 11": 5}) == ["Show 1/ — 2 files"]


def test_a_root_of_which_nothing_is_left_and_one_of_which_something_is() -> None:
    assert lines("a/1", "b/2", "3") == ["./ — 3 files"]
    assert lines("1", "2", "3", "4", **{"": 1}) == ["1", "2", "3", "4"]


def test_those_with_most_files_come_first() -> None:
    assert lines("b/1", "c/1", "c/2", "a/1", "a/2", "a/3", z=1) == ["a/ — 3 files", "c/ — 2 files", "b/1"]


def test_a_list_ends_with_how_many_more_there_are() -> None:
    assert shorten_list(["a", "b", "c"], 3) == ["a", "b", "c"]
    assert shorten_list(["a", "b", "c", "d"], 3) == ["a", "b", "… and 2 more"]
