"""When a root goes down during a run, its files are not dead letters, and the next run continues."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from catalog_models.tables import CachedFile, ContentView, FixityFailure, MediaFile, Rendition, StageFailure
from flows.ingest.summary import Summary
from flows.job import outages
from flows.job.context import JobContext, NoProgress
from flows.job.executor import run_in_threads
from flows.promotion.plan import PromotionRequest
from flows.promotion.report import copies_table
from flows.renditions.plan import RenditionRequest
from flows.renditions.selection import RenditionOptions
from orchestration.storage.folder import Folder
from orchestration.transactions import Transactions
from tasks.scan import RootUnavailableError, walk
from tests.buckets import ACCESS_DENIED, EXPIRED, S3, SLOW_DOWN, WRONG_SECRET, Refusal
from tests.flows.conftest import promoted, rendered
from tests.plugins.ingest import Archive, Ingest

_FILMS = 5


@pytest.fixture
def films(s3: S3, archive: Archive) -> S3:
    """Put more films than are read at once into two folders of a bucket."""
    for number in range(_FILMS):
        archive.made += 1
        s3.put(f"{'AB'[number % 2]}/WSOP 2031 Event {number}.mp4", archive.video())
    return s3


class Trigger(NoProgress):
    """Does something when a stage begins, and keeps the warnings."""

    def __init__(self, stage: str, does: Callable[[], None]) -> None:
        self.stage, self.does, self.said = stage, does, list[str]()

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        if stage == self.stage:
            self.does()

    def warn(self, message: str) -> None:
        self.said.append(message)


def is_object(path: str) -> bool:
    return path.count("/") > 1


def expect_left(ingest: Ingest, summary: Summary, trigger: Trigger, why: str) -> None:
    """No file became a dead letter, and the reason is reported once."""
    assert ingest.rows(StageFailure) == []
    assert not [file for file in ingest.rows(MediaFile) if file.quarantined_at or file.claimed_by]
    assert (summary.failed, summary.pending, summary.waiting > 0) == (0, 0, True)
    assert why in str(summary.down)
    assert sum("wait for the next run" in said for said in trigger.said) == 1


OUTAGES: dict[str, tuple[Callable[[S3], None], str]] = {
    "throttled": (lambda s3: setattr(s3.weather, "refuses", lambda _: SLOW_DOWN), "does not respond"),
    "objects alone": (
        lambda s3: setattr(s3.weather, "refuses", lambda path: SLOW_DOWN if is_object(path) else None),
        "503",
    ),
    "expired": (lambda s3: setattr(s3.weather, "refuses", lambda _: EXPIRED), "have expired"),
    "secret": (lambda s3: setattr(s3.weather, "refuses", lambda _: WRONG_SECRET), "AWS_SECRET_ACCESS_KEY"),
    "no GetObject": (
        lambda s3: setattr(s3.weather, "refuses", lambda path: ACCESS_DENIED if is_object(path) else None),
        "may not list or read",
    ),
    "no connection": (lambda s3: setattr(s3.weather, "breaks", lambda _: True), "does not respond"),
    "deleted": (
        lambda s3: setattr(
            s3.weather, "refuses", lambda _: Refusal("404 Not Found", "NoSuchBucket", "us-east-1")
        ),
        "does not exist",
    ),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_bucket_that_goes_down_leaves_its_files(films: S3, ingest: Ingest, outage: str) -> None:
    begin, why = OUTAGES[outage]
    trigger = Trigger("metadata", lambda: begin(films))
    expect_left(ingest, ingest(films.location, trigger), trigger, why)
    assert not any(file.metadata_at for file in ingest.rows(MediaFile))


def test_pictures_wait_for_their_bucket_and_the_next_run_continues(films: S3, ingest: Ingest) -> None:
    ingest(films.location)
    with ingest.session() as session, session.begin():
        session.execute(update(MediaFile).values(thumbnails_at=None))
    trigger = Trigger("thumbnails", lambda: OUTAGES["objects alone"][0](films))
    expect_left(ingest, ingest(films.location, trigger), trigger, "503")
    films.weather.clear()
    again = ingest(films.location)
    assert (again.failed, again.waiting, again.down) == (0, 0, None)
    assert all(file.thumbnails_at for file in ingest.rows(MediaFile))


def test_few_files_of_a_root_that_is_down_are_tried(s3: S3, ingest: Ingest) -> None:
    """However many there are: the others are neither claimed nor requested."""
    for number in range(150):
        s3.put(f"WSOP 2031 Event {number}.mp4", b"%d" % number)

    def begin() -> None:
        OUTAGES["expired"][0](s3)
        s3.weather.asked.clear()

    assert ingest(s3.location, Trigger("metadata", begin)).waiting == 150
    assert len({asked for asked in s3.weather.asked if asked.startswith("HEAD")}) < 40


def test_a_forbidden_folder_fails_only_its_own_files(films: S3, ingest: Ingest) -> None:
    """Even if it is the first folder, and the root is checked before anything was read."""
    films.weather.refuses = lambda path: ACCESS_DENIED if "/A/" in path else None
    summary = ingest(films.location)
    assert (summary.failed, summary.waiting, summary.down) == (3, 0, None)
    assert {file.path_text[0] for file in ingest.rows(MediaFile) if file.metadata_at} == {"B"}


def test_a_short_outage_costs_no_file(films: S3, ingest: Ingest) -> None:
    """A file fails as often as the client tries, and the bucket works again when the root is checked."""
    left = {"count": 4}

    def passing(path: str) -> Refusal | None:
        if path.endswith("Event 0.mp4") and left["count"]:
            left["count"] -= 1
            return SLOW_DOWN
        return None

    films.weather.refuses = passing
    summary = ingest(films.location)
    assert (summary.failed, summary.waiting, left["count"]) == (0, 0, 0)


def test_moves_are_not_lost_to_an_outage(films: S3, archive: Archive, ingest: Ingest) -> None:
    """An unreadable file would become a new file, and the old one would be missing with its history."""
    ingest(films.location)
    before = {file.id for file in ingest.rows(MediaFile)}
    body = films.client.get_object(Bucket=films.bucket, Key="A/WSOP 2031 Event 0.mp4")["Body"].read()
    films.client.delete_object(Bucket=films.bucket, Key="A/WSOP 2031 Event 0.mp4")
    films.put("C/WSOP 2031 Event 0.mp4", body)
    films.weather.refuses = lambda path: SLOW_DOWN if is_object(path) else None
    with pytest.raises(RootUnavailableError, match="is down"):
        ingest(films.location)
    films.weather.clear()
    assert ingest(films.location).moved == 1
    assert {file.id for file in ingest.rows(MediaFile)} == before


@pytest.mark.parametrize("how", ["gone", "unmounted", "forbidden"])
def test_a_folder_that_goes_down_leaves_its_files(archive: Archive, ingest: Ingest, how: str) -> None:
    for number in range(4):
        archive.put(f"WSOP 2031 Event {number}.mp4")
    aside = archive.root.with_name("aside")

    def leave() -> None:
        archive.root.rename(aside)
        if how != "gone":
            archive.root.mkdir()
        if how == "forbidden":
            (archive.root / "WSOP 2031 Event 9.mp4").symlink_to("nowhere")

    trigger = Trigger("metadata", leave)
    summary = ingest(archive.root, trigger)
    if how != "forbidden":
        expect_left(ingest, summary, trigger, "is down")
        archive.root.rmdir() if how == "unmounted" else None
    else:
        os.unlink(archive.root / "WSOP 2031 Event 9.mp4")
        archive.root.rmdir()
    assert ingest.rows(StageFailure) == []
    aside.rename(archive.root)
    assert ingest(archive.root).failed == 0
    assert all(file.metadata_at for file in ingest.rows(MediaFile))


def test_a_hanging_root_costs_its_deadline_once(
    films: S3, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files fail by their deadlines, and so does the check of the root."""
    monkeypatch.setattr(outages, "_PATIENCE", 0.3)
    short = replace(ingest, settings=ingest.settings.model_copy(update={"probe_deadline": 0.5}))
    trigger = Trigger("metadata", lambda: setattr(films.weather, "delay", lambda _: 3.0))
    expect_left(ingest, short(films.location, trigger), trigger, "did not respond within")


def test_a_folder_unmounted_during_the_listing_loses_no_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folders look deleted at that time."""
    for number in range(3):
        archive.put(f"{number}/film.mp4", b"no video")
    listed: list[bytes] = []
    real = Folder._list

    def unmounting(self: Folder, folder: bytes) -> Iterator[tuple[bytes, os.DirEntry[bytes]]]:
        listed.append(folder)
        if len(listed) == 2:
            archive.root.rename(archive.root.with_name("aside"))
            archive.root.mkdir()
        return real(self, folder)

    monkeypatch.setattr(Folder, "_list", unmounting)
    with pytest.raises(RootUnavailableError, match="unmounted"):
        walk(os.fsencode(archive.root), lambda path: path.endswith(b".mp4"))


def test_copies_wait_for_their_bucket(films: S3, ingest: Ingest) -> None:
    """One title fails, the others are not tried, and no unfinished copy is left."""
    ingest(films.location)
    with ingest.session() as session, session.begin():
        titles = session.scalars(select(MediaFile.content_id)).all()
        session.add_all(ContentView(content_id=title) for title in titles for _ in range(5))
    films.weather.refuses = lambda _path: EXPIRED
    done = promoted(place_of(ingest), PromotionRequest())
    assert (done.copied, len(done.failed), done.waiting, ingest.rows(CachedFile)) == (0, 1, _FILMS - 1, [])
    assert "have expired" in done.down[0]
    assert [row["result"] for row in copies_table(done)] == ["failed", *["waits"] * (_FILMS - 1)]
    films.weather.clear()
    done = promoted(place_of(ingest), PromotionRequest())
    assert (done.copied, done.failed, done.waiting, done.down) == (_FILMS, [], 0, [])
    assert films.weather.unguarded == [], "every range is read with If-Match"


def test_renditions_wait_for_their_bucket(s3: S3, archive: Archive, ingest: Ingest) -> None:
    for number in range(3):
        archive.made += 1
        s3.put(f"WSOP 2031 Event {number}.mkv", archive.video("mkv"))
    ingest(s3.location)
    s3.weather.refuses = lambda path: EXPIRED if is_object(path) else None
    done = rendered(place_of(ingest), RenditionRequest(RenditionOptions()))
    assert (done.made, len(done.failed), done.waiting, ingest.rows(Rendition)) == (0, 1, 2, [])
    assert "have expired" in done.down[0]
    s3.weather.clear()
    assert rendered(place_of(ingest), RenditionRequest(RenditionOptions())).made == 3


def test_fixity_waits_for_a_bucket_that_was_deleted(films: S3, ingest: Ingest) -> None:
    ingest(films.location)
    OUTAGES["deleted"][0](films)
    from flows.verify_fixity import verify

    done = run_in_threads(place_of(ingest), verify)
    assert (done.files, done.left, len(done.down)) == (0, _FILMS, 1)
    assert ingest.rows(FixityFailure) == []


def place_of(ingest: Ingest) -> JobContext:
    settings = ingest.settings.model_copy(update={"cache_bytes": 1 << 30})
    return JobContext(settings, Transactions(ingest.engine, ingest.events.append), ingest.pool, NoProgress())
