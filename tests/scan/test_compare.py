"""The comparison of a walk with the known files."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_models.values import ScannedFile, Walk
from tasks.scan import Comparison, ImplausibleScanError, KnownFile, compare, pair_moves, refuse_implausible

NOW = 1_800_000_000 * 10**9
LONG_AGO = NOW - 10**15


def met(path: bytes, size: int = 10, mtime: int = LONG_AGO, ctime: int = LONG_AGO) -> ScannedFile:
    return ScannedFile(path, size, mtime, ctime)


def known(
    path: bytes, size: int = 10, mtime: int = LONG_AGO, mark: bytes | None = b"f", missing: bool = False
) -> KnownFile:
    return KnownFile(uuid.uuid4(), path, size, mtime, mark, missing)


def difference(
    files: list[ScannedFile], before: list[KnownFile], marks: dict[bytes, bytes] | None = None
) -> Comparison:
    compared = compare(Walk(tuple(files), 0), before, NOW, settle_seconds=10)
    return pair_moves(compared, marks or {})


def test_same_size_and_mtime_is_unchanged_without_reading() -> None:
    file = known(b"a.mp4")
    found = difference([met(b"a.mp4")], [file])
    assert found.unchanged == (file,)
    assert not found.candidates


def test_a_file_still_being_written_is_pending() -> None:
    found = difference([met(b"a.mp4", mtime=NOW - 10**9)], [])
    assert [file.path for file in found.pending] == [b"a.mp4"]
    assert not found.new


def test_a_time_in_the_far_future_does_not_mean_writing() -> None:
    found = difference([met(b"a.mp4", mtime=NOW + 10**18)], [])
    assert [file.path for file in found.new] == [b"a.mp4"]


def test_a_rename_keeps_the_row_despite_a_recent_ctime() -> None:
    file = known(b"old.mp4", mark=b"x")
    found = difference([met(b"new.mp4", ctime=NOW)], [file], {b"new.mp4": b"x"})
    assert [(move.file, move.to.path) for move in found.moved] == [(file, b"new.mp4")]
    assert not found.pending
    assert not found.missing


def test_a_copy_is_a_new_file() -> None:
    file = known(b"a.mp4", mark=b"x")
    found = difference([met(b"a.mp4"), met(b"copy.mp4")], [file], {b"copy.mp4": b"x"})
    assert [new.path for new in found.new] == [b"copy.mp4"]
    assert found.unchanged == (file,)


def test_each_of_several_copies_moves_to_the_file_of_its_name() -> None:
    one, other = known(b"x/1.mp4", mark=b"x"), known(b"x/2.mp4", mark=b"x")
    marks = {b"y/1.mp4": b"x", b"y/2.mp4": b"x"}
    found = difference([met(b"y/2.mp4"), met(b"y/1.mp4")], [one, other], marks)
    assert {(move.file.path, move.to.path) for move in found.moved} == {
        (b"x/1.mp4", b"y/1.mp4"),
        (b"x/2.mp4", b"y/2.mp4"),
    }


def test_two_files_that_swapped_names_swap_rows() -> None:
    one, other = known(b"a.mp4", mtime=1, mark=b"1"), known(b"b.mp4", mtime=2, mark=b"2")
    found = difference(
        [met(b"a.mp4", mtime=2), met(b"b.mp4", mtime=1)], [one, other], {b"a.mp4": b"2", b"b.mp4": b"1"}
    )
    assert {(move.file.path, move.to.path) for move in found.moved} == {
        (b"a.mp4", b"b.mp4"),
        (b"b.mp4", b"a.mp4"),
    }
    assert not (found.changed)
    assert not (found.missing)
    assert not (found.new)


def test_a_rotated_file_keeps_its_row_and_its_successor_is_new() -> None:
    file = known(b"show.mp4", mark=b"old")
    walked = [met(b"show.mp4", mtime=5), met(b"show_old.mp4")]
    found = difference(walked, [file], {b"show.mp4": b"new", b"show_old.mp4": b"old"})
    assert [(move.file, move.to.path) for move in found.moved] == [(file, b"show_old.mp4")]
    assert [new.path for new in found.new] == [b"show.mp4"]


def test_a_file_overwritten_by_a_move_is_missing() -> None:
    mover, victim = known(b"a.mp4", mtime=1, mark=b"a"), known(b"b.mp4", mtime=2, mark=b"b")
    found = difference([met(b"b.mp4", mtime=1)], [mover, victim], {b"b.mp4": b"a"})
    assert [move.file for move in found.moved] == [mover]
    assert found.missing == (victim,)


def test_a_touched_file_is_changed_not_moved() -> None:
    file = known(b"a.mp4", mtime=1, mark=b"a")
    found = difference([met(b"a.mp4", mtime=2)], [file], {b"a.mp4": b"a"})
    assert [pair[0] for pair in found.changed] == [file]
    assert not found.moved


def test_a_missing_file_that_returned_is_unchanged() -> None:
    file = known(b"a.mp4", missing=True)
    assert difference([met(b"a.mp4")], [file]).unchanged == (file,)


def test_files_below_an_unreadable_folder_are_not_missing() -> None:
    file = known(b"closed/a.mp4")
    found = compare(Walk((), 0), [file], NOW, 10, out_of_sight=lambda path: path.startswith(b"closed/"))
    assert not found.missing


def test_an_empty_root_with_known_files_is_refused() -> None:
    with pytest.raises(ImplausibleScanError, match="mounted"):
        refuse_implausible(difference([], [known(b"a.mp4")]), 1, "/archive")


@pytest.mark.parametrize(("gone", "refused"), [(20, False), (21, True)])
def test_a_loss_of_more_than_twenty_files_and_five_percent_is_refused(gone: int, refused: bool) -> None:
    files = [known(b"%d.mp4" % number) for number in range(100)]
    found = difference([met(file.path) for file in files[gone:]], files)
    if refused:
        with pytest.raises(ImplausibleScanError, match=f"{gone} of the 100"):
            refuse_implausible(found, 100, "/archive")
    else:
        refuse_implausible(found, 100, "/archive")


def test_a_loss_of_twenty_one_of_a_thousand_files_is_plausible() -> None:
    files = [known(b"%d.mp4" % number) for number in range(1000)]
    refuse_implausible(difference([met(file.path) for file in files[21:]], files), 1000, "/archive")


paths = st.sampled_from([b"a", b"b", b"c", b"d/a", b"d/b"])
sizes = st.integers(1, 2)
times = st.sampled_from([LONG_AGO, LONG_AGO + 1, NOW])
marks = st.sampled_from([b"1", b"2"])


@given(
    walked=st.lists(st.builds(met, paths, sizes, times, times), unique_by=lambda file: file.path),
    before=st.lists(
        st.builds(known, paths, sizes, times, marks, st.just(value=False)), unique_by=lambda file: file.path
    ),
    lost=st.lists(st.builds(known, paths, sizes, times, marks, st.just(value=True))),
    content=st.dictionaries(paths, marks),
)
def test_every_file_is_accounted_for_once(
    walked: list[ScannedFile], before: list[KnownFile], lost: list[KnownFile], content: dict[bytes, bytes]
) -> None:
    """Whatever happened on the disk, each listed video has one result, and each row one place."""
    found = difference(walked, before + lost, content)
    fates = [
        *(file.path for file in found.new),
        *(pair[1].path for pair in found.changed),
        *(move.to.path for move in found.moved),
        *(file.path for file in found.unchanged),
        *(file.path for file in found.pending),
    ]
    assert sorted(fates) == sorted(file.path for file in walked)
    rows = [
        *(pair[0].id for pair in found.changed),
        *(move.file.id for move in found.moved),
        *(file.id for file in found.unchanged),
        *(file.id for file in found.missing),
    ]
    assert len(rows) == len(set(rows))
    unsettled = {file.id for file, _found in found.unsettled}
    assert {file.id for file in before} - unsettled <= set(rows)
