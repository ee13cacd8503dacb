"""A root that goes down in the middle of a run: its files are left, none is a dead letter, and the next run goes on."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from catalog_models.archive import MediaFile, StageFailure
from flows.jobs.context import Silence
from flows.jobs.ingest import Summary
from tasks.scan import RootUnavailableError
from tests.buckets import ACCESS_DENIED, EXPIRED, S3, SLOW_DOWN, WRONG_SECRET, Refusal
from tests.plugins.ingest import Archive, Ingest

_FILMS = 12


@pytest.fixture
def films(s3: S3, archive: Archive) -> S3:
    """More films than are read at once, in two folders."""
    for number in range(_FILMS):
        archive.made += 1
        s3.put(f"{'AB'[number % 2]}/WSOP 2031 Event {number}.mp4", archive.video())
    return s3


class Trigger(Silence):
    """Does something when a stage begins, and keeps what people are told."""

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
    """Nothing burnt, and the reason is told once."""
    assert ingest.rows(StageFailure) == []
    assert not [file for file in ingest.rows(MediaFile) if file.quarantined_at or file.claimed_by]
    assert (summary.failed, summary.pending, summary.waiting > 0) == (0, 0, True)
    assert len(summary.down) == 1
    assert why in summary.down[0]
    assert sum("wait for the next run" in said for said in trigger.said) == 1


OUTAGES: dict[str, tuple[Callable[[S3], None], str]] = {
    "throttled": (lambda s3: setattr(s3.weather, "refuses", lambda _: SLOW_DOWN), "does not answer"),
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
    "no connection": (lambda s3: setattr(s3.weather, "breaks", lambda _: True), "does not answer"),
    "deleted": (
        lambda s3: setattr(
            s3.weather, "refuses", lambda _: Refusal("404 Not Found", "NoSuchBucket", "us-east-1")
        ),
        "there is no bucket",
    ),
}


@pytest.mark.parametrize("stage", ["metadata", "thumbnails"])
@pytest.mark.parametrize("outage", OUTAGES)
def test_a_bucket_that_goes_down_leaves_its_files(
    films: S3, ingest: Ingest, stage: str, outage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stage == "thumbnails":
        ingest(films.location)
        make_due(ingest)
    begin, why = OUTAGES[outage]
    trigger = Trigger(stage, lambda: begin(films))
    summary = ingest(films.location, trigger)
    expect_left(ingest, summary, trigger, why)
    films.weather.clear()
    again = ingest(films.location)
    assert (again.failed, again.waiting, again.down) == (0, 0, ())
    assert all(file.metadata_at and file.thumbnails_at for file in ingest.rows(MediaFile))


def make_due(ingest: Ingest) -> None:
    from sqlalchemy import update

    with ingest.session() as session, session.begin():
        session.execute(update(MediaFile).values(thumbnails_at=None))
