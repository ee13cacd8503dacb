"""Pictures of an older version of the program: they stay until a night's budget reaches them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog_models.picture_files import poster_path
from catalog_models.reads.older_pictures import count_older_pictures, older_pictures
from catalog_models.tables import Content, ContentView, MediaFile, Thumbnail
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from flows.make_thumbnails import Pictured, make_pictures
from orchestration.transactions import Transactions
from tasks.thumbnails.generator import GENERATOR
from tests.plugins.ingest import Archive, Ingest

NAMES = ("a", "b", "c")


def _make(ingest: Ingest, budget: int | None = None) -> Pictured:
    context = JobContext(ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)
    return run_in_threads(context, lambda steps: make_pictures(steps, None, budget=budget))


def _age(ingest: Ingest) -> list[Path]:
    """Replace all pictures with those of generator 2, and return its sprites."""
    sprites = []
    with Session(ingest.engine) as session:
        session.execute(
            update(Thumbnail).values(generator=2, version=None, widths=None, thumbhash=None, parts=None)
        )
        for row in session.query(Thumbnail):
            path = ingest.settings.thumbnails / row.path
            if row.kind == "preview":
                session.delete(row)
                path.unlink()
            elif row.kind == "storyboard":
                row.path = row.path.replace("-1.webp", ".jpg")
                sprites.append(path.rename(ingest.settings.thumbnails / row.path))
            elif row.kind == "poster":
                for width in (320, 640):
                    Path(poster_path(str(path), width)).unlink()
        session.commit()
    return sprites


def _new(ingest: Ingest) -> set[str]:
    """Return the titles whose pictures are of this version."""
    new = {row.media_file_id for row in ingest.rows(Thumbnail) if row.generator == GENERATOR}
    return {name for name, title in ingest.titles().items() if title.best_file_id in new}


def _watch(ingest: Ingest, title: str, days: float = 1) -> None:
    with Session(ingest.engine) as session:
        content = session.query(Content).filter_by(title=title).one()
        then = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        session.add(ContentView(content_id=content.id, viewed_at=then))
        session.commit()


@pytest.fixture
def sprites(archive: Archive, ingest: Ingest) -> list[Path]:
    for name in NAMES:
        archive.put(f"{name}.mp4")
        ingest(archive.root)
    return _age(ingest)


def test_an_ingest_leaves_older_pictures(archive: Archive, ingest: Ingest, sprites: list[Path]) -> None:
    ingest(archive.root)
    assert _new(ingest) == set()
    assert all(sprite.is_file() for sprite in sprites)


def test_each_night_takes_the_most_viewed_and_then_the_newest_titles(
    ingest: Ingest, sprites: list[Path]
) -> None:
    _watch(ingest, "a")
    _watch(ingest, "b", days=300)
    assert _make(ingest, budget=0).older == 3
    assert _new(ingest) == set()
    first = _make(ingest, budget=1)
    assert (first.made, first.older, _new(ingest)) == (1, 2, {"a"})
    second = _make(ingest, budget=1)
    assert (second.made, second.older, _new(ingest)) == (1, 1, {"a", "c"})
    assert sum(sprite.is_file() for sprite in sprites) == 1, "sprites of an older version go with it"
    last = _make(ingest)
    assert (last.made, last.older, _new(ingest)) == (1, 0, set(NAMES))
    assert not any(sprite.exists() for sprite in sprites)
    assert _make(ingest).made == 0


def test_new_pictures_have_all_columns_and_announce_their_title(ingest: Ingest, sprites: list[Path]) -> None:
    ingest.events.clear()
    _make(ingest)
    rows = {row.kind: row for row in ingest.rows(Thumbnail)}
    assert set(rows) == {"poster", "preview", "storyboard", "storyboard_index"}
    assert all(row.version for row in rows.values())
    assert rows["poster"].widths == [320, 640]
    assert len(rows["poster"].thumbhash or b"") > 10
    assert (rows["preview"].parts, rows["storyboard"].parts) == (8, 1)
    assert len(ingest.events) == len(sprites)


def test_a_budget_applies_to_its_scope_and_skips_what_is_due_or_missing(
    ingest: Ingest, sprites: list[Path]
) -> None:
    assert len(sprites) == 3
    with Session(ingest.engine) as session:
        assert count_older_pictures(session, None, GENERATOR) == 3
        assert len(older_pictures(session, None, GENERATOR, 2)) == 2
        assert older_pictures(session, None, 2, 10) == []
        session.execute(
            update(MediaFile).where(MediaFile.path == b"a.mp4").values(missing_since=dt.datetime.now(dt.UTC))
        )
        session.execute(update(MediaFile).where(MediaFile.path == b"b.mp4").values(thumbnails_at=None))
        (left,) = older_pictures(session, None, GENERATOR, 10)
        assert session.get_one(MediaFile, left).path == b"c.mp4"
