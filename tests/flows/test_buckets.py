"""An archive in a bucket works like a folder, and failures of S3 cost a retry."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from sqlalchemy import select

from catalog_models.tables import CachedFile, ContentView, MediaFile, Root, StageFailure
from flows.job.context import JobContext, NoProgress
from flows.promotion.plan import PromotionRequest
from flows.promotion.summary import Promoted
from orchestration.storage.bucket import open_object
from orchestration.transactions import Transactions
from tasks.media.source import open_source
from tasks.media.source_protocol import SourceGoneError
from tasks.scan import RootUnavailableError
from tests.buckets import S3
from tests.flows import conftest
from tests.plugins.ingest import Archive, Ingest, ingest_roots

DAY_1, DAY_2 = "WSOP 2031/WSOP 2031 Main Event Day 1.mp4", "WSOP 2031/WSOP 2031 Main Event Day 2.mkv"


class Warnings(NoProgress):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warn(self, message: str) -> None:
        """Keep a warning."""
        self.said.append(message)


def video(archive: Archive, kind: str = "mp4") -> bytes:
    """Return a video of the same size as all others, but with other content."""
    archive.made += 1
    return archive.video(kind)


@pytest.fixture
def films(s3: S3, archive: Archive) -> S3:
    """Put two films into a bucket, and other objects that buckets contain."""
    s3.put(DAY_1, video(archive))
    s3.put(DAY_2, video(archive, "mkv"))
    s3.put("WSOP 2031/", b"")
    s3.put("notes.txt", b"not a film")
    return s3


def files(ingest: Ingest) -> dict[str, MediaFile]:
    return {file.path_text: file for file in ingest.rows(MediaFile)}


def test_a_bucket_is_ingested_like_a_folder(films: S3, ingest: Ingest) -> None:
    summary = ingest(films.location)
    assert (summary.seen, summary.ignored, summary.new, summary.failed) == (3, 1, 2, 0)
    assert {path: file.playability for path, file in files(ingest).items()} == {
        DAY_1: "direct",
        DAY_2: "remux",
    }
    assert all(file.thumbnails_at for file in files(ingest).values())
    films.weather.asked.clear()
    again = ingest(f"{films.location}/")
    assert (again.unchanged, again.new) == (2, 0)
    assert not [line for line in films.weather.asked if line.endswith((".mp4", ".mkv"))], "it opens nothing"


def test_a_large_file_is_read_by_ranges(s3: S3, archive: Archive, ingest: Ingest) -> None:
    clip = video(archive)
    size = 96 << 20
    s3.put("long.mp4", clip + (size - len(clip)).to_bytes(4, "big") + b"free" + bytes(size - len(clip) - 8))
    s3.weather.sent = 0
    assert ingest(s3.location).failed == 0
    assert files(ingest)["long.mp4"].playability == "direct"
    assert s3.weather.sent < size / 10


def test_unusual_names_are_ingested(s3: S3, archive: Archive, ingest: Ingest) -> None:
    """S3 accepts any key.

    A key that the client cannot request is reported, and does not affect the others.
    """
    good = ["100% Luck #1 & more?.mp4", "é ü/한국 포커.mp4", "a+b=c [final].mp4"]
    odd = ["./dot.mp4", "two//slashes.mp4", "up/../and away.mp4", "tab\there.mp4"]
    for name in good + odd:
        s3.put(name, video(archive))
    warnings = Warnings()
    summary = ingest(s3.location, warnings)
    assert (summary.seen, summary.unreadable, summary.failed) == (3, 4, 0)
    assert sorted(files(ingest)) == sorted(good)
    assert all(any(name in said and "rename it" in said for said in warnings.said) for name in odd)


def test_a_change_within_the_same_second_is_noticed(films: S3, archive: Archive, ingest: Ingest) -> None:
    ingest(films.location)
    # It has the same size.
    films.put(DAY_1, video(archive))
    summary = ingest(films.location)
    assert (summary.changed, summary.unchanged) == (1, 1)


def test_a_file_that_moves_within_or_out_of_a_bucket_keeps_its_row(
    films: S3, archive: Archive, ingest: Ingest
) -> None:
    content = video(archive)
    films.put("from here.mp4", content)
    for number in range(3):
        films.put(f"others/{number}.mp4", video(archive))
    ingest(films.location)
    before = files(ingest)["from here.mp4"].id
    films.client.delete_object(Bucket=films.bucket, Key="from here.mp4")
    films.put("to there.mp4", content)
    assert ingest(films.location).moved == 1
    films.client.delete_object(Bucket=films.bucket, Key="to there.mp4")
    archive.put("on the disk.mp4", content)
    assert ingest(archive.root).moved == 1
    assert files(ingest)["on the disk.mp4"].id == before


def test_a_missing_root_does_not_stop_the_others(films: S3, archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    place = JobContext(
        ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool, NoProgress()
    )
    roots = [b"s3://there-is-none", films.location.encode(), bytes(archive.root)]
    with pytest.raises(RootUnavailableError, match="the bucket there-is-none does not exist"):
        ingest_roots(place, roots)
    summary = ingest_roots(place, roots[1:])
    assert (summary.seen, summary.unchanged, summary.programmes) == (4, 3, 3)
    assert len(ingest.rows(Root)) == 2


@pytest.mark.parametrize(
    ("root", "says"),
    [("s3://", "not a valid bucket name"), ("s3://not-there", "bucket not-there does not exist")],
)
@pytest.mark.usefixtures("weather")
def test_an_invalid_or_missing_bucket_is_reported(ingest: Ingest, root: str, says: str) -> None:
    with pytest.raises(RootUnavailableError, match=says):
        ingest(root)


def test_a_failing_bucket_loses_no_files(films: S3, ingest: Ingest) -> None:
    """Neither files nor their facts: a network error is not damage to a film."""
    ingest(films.location)
    films.weather.fails = lambda _path: True
    with pytest.raises(RootUnavailableError, match="does not respond"):
        ingest(films.location)
    assert all(file.missing_since is None for file in files(ingest).values())
    films.weather.clear()
    films.weather.fails = lambda path: path.endswith(".mkv")
    summary = ingest(films.location, full=True)
    assert (summary.failed, files(ingest)[DAY_2].playability) == (1, "remux")
    films.weather.clear()
    assert ingest(films.location, full=True).failed == 0


def test_a_bucket_without_permission_is_reported(films: S3, ingest: Ingest) -> None:
    films.weather.fails, films.weather.status = (lambda _path: True), "403 Forbidden"
    with pytest.raises(RootUnavailableError, match=r"may not list or read .*s3:ListBucket"):
        ingest(films.location)
    films.weather.fails = lambda path: path.endswith(".mkv")
    warnings = Warnings()
    assert ingest(films.location, warnings).failed == 1
    (letter,) = ingest.rows(StageFailure)
    assert "may not list or read" in letter.error


def test_a_single_error_costs_one_retry(films: S3, ingest: Ingest) -> None:
    failed: set[str] = set()

    def once(path: str) -> bool:
        is_first = path not in failed
        failed.add(path)
        return is_first

    films.weather.fails = once
    assert ingest(films.location).failed == 0
    assert len(failed) == 3, "the bucket and both films failed once"


def test_interrupted_responses_do_not_look_like_damage(films: S3, ingest: Ingest) -> None:
    films.weather.cut = 4_000
    summary = ingest(films.location)
    assert (summary.failed, {file.playability for file in files(ingest).values()}) == (2, {None})
    films.weather.clear()
    assert ingest(films.location, full=True).failed == 0


def hot(ingest: Ingest, path: str) -> None:
    with ingest.session() as session, session.begin():
        content = session.scalars(select(MediaFile.content_id).where(MediaFile.path_text == path)).one()
        session.add_all(ContentView(content_id=content) for _ in range(5))


def promoted(ingest: Ingest) -> Promoted:
    chosen = ingest.settings.model_copy(update={"cache_bytes": 1 << 30})
    context = JobContext(chosen, Transactions(ingest.engine, ingest.events.append), ingest.pool)
    return conftest.promoted(context, PromotionRequest())


def test_hot_titles_are_copied_from_a_bucket(
    films: S3, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(films.location)
    hot(ingest, DAY_1)
    films.weather.cut = 1_000
    done = promoted(ingest)
    assert (done.copied, ingest.rows(CachedFile)) == (0, [])
    assert "does not respond" in done.failed[0]
    films.weather.clear()
    # Disks may write less than requested.
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda target, data, at: real(target, data[:1_000], at))
    assert promoted(ingest).copied == 1
    (copy,) = ingest.settings.cache_folder.iterdir()
    original = films.client.get_object(Bucket=films.bucket, Key=DAY_1)["Body"].read()
    assert copy.read_bytes() == original
    assert copy.stat().st_mtime_ns == files(ingest)[DAY_1].mtime_ns


def test_object_times_consist_of_seconds_and_entity_tag(s3: S3) -> None:
    s3.put("a.mp4", b"one")
    first = open_object(f"{s3.location}/a.mp4".encode()).mtime_ns
    s3.put("a.mp4", b"two")
    second = open_object(f"{s3.location}/a.mp4".encode()).mtime_ns
    assert first != second
    assert abs(second / 1e9 - dt.datetime.now(dt.UTC).timestamp()) < 60


def test_an_object_deleted_during_a_read_raises_source_gone(s3: S3) -> None:
    s3.put("a.mp4", bytes(1_000_000))
    path = f"{s3.location}/a.mp4".encode()
    seen = open_object(path)
    with pytest.raises(SourceGoneError), open_source(path, seen.size, seen.mtime_ns) as source:
        s3.client.delete_object(Bucket=s3.bucket, Key="a.mp4")
        source.read(10, 0)
