"""A hanging archive is reported, soon without waiting, and other archives keep playing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import CachedFile, Content, MediaFile
from orchestration.contracts import Source
from orchestration.settings import Settings
from orchestration.storage import OpenFile
from serving.app import create_app
from serving.stream.responses import files, roots
from tests.serving.conftest import Shelf, eventually, serving, sign_in, signed_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]


@pytest.fixture
def other(shelf: Shelf, tmp_path: Path) -> Shelf:
    """Return a second archive."""
    archive = tmp_path / "another archive"
    archive.mkdir()
    return Shelf(shelf.engine, archive, shelf.home)


@pytest.fixture
def hang(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Make the first archive hang. At the end, all waiting threads are released."""
    answers, real = threading.Event(), files.open_source
    answers.set()

    def opened(source: Source) -> OpenFile:
        if source.root == bytes(shelf.archive):
            answers.wait()
        return real(source)

    monkeypatch.setattr(files, "open_source", opened)
    monkeypatch.setattr(roots, "PATIENCE", 0.3)
    monkeypatch.setattr(roots, "REST", 0.5)
    yield answers.clear
    answers.set()


@pytest.fixture
def viewer(settings: Settings, hang: object) -> Iterator[httpx.Client]:
    with serving(create_app(settings)) as anonymous, signed_in(anonymous, sign_in(settings)) as client:
        yield client


def copy_of(shelf: Shelf, settings: Settings, title: object) -> None:
    with Session(shelf.engine) as session, session.begin():
        file = session.scalars(
            select(MediaFile).join(Content, Content.best_file_id == MediaFile.id).where(Content.id == title)
        ).one()
        fields = {"owner": "x", "claimed_until": func.now(), "reason": {}, "state": "ready"}
        row = CachedFile(media_file_id=file.id, size=file.size, mtime_ns=file.mtime_ns, **fields)
        session.add(row)
        session.flush()
        original = shelf.archive / file.path.decode()
        settings.cache_folder.mkdir(exist_ok=True, parents=True)
        (settings.cache_folder / str(row.id)).hardlink_to(original)


def test_a_hanging_archive_delays_only_its_own_viewers_and_briefly(
    viewer: httpx.Client,
    settings: Settings,
    shelf: Shelf,
    other: Shelf,
    hang: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a slow machine, the health check may come long after the last attempt.
    monkeypatch.setattr(roots, "REST", 60.0)
    lost, kept, copied = shelf.add(content=b"far"), other.add(content=b"near"), shelf.add(content=b"here")
    copy_of(shelf, settings, copied)
    assert viewer.get(f"/api/stream/{lost}").content == b"far"
    hang()
    # More requests than reader threads, in case each waits for one.
    for _ in range(2 * roots.THREADS):
        answer = viewer.get(f"/api/stream/{lost}")
        assert (answer.status_code, code(answer)) == (503, "STREAM_FILE_UNREADABLE")
    assert answer.json()["error"]["details"] == {"reason": "the archive does not respond"}
    assert viewer.get(f"/api/stream/{kept}").content == b"near"
    assert viewer.get(f"/api/stream/{copied}").content == b"here"
    health = viewer.get("/api/health").json()
    assert (health["status"], health["blocks"]["stream"]) == ("degraded", "unhealthy")
    assert viewer.get("/api/contents").status_code == 200


def test_a_recovered_archive_plays_again(
    viewer: httpx.Client, shelf: Shelf, hang: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    title = shelf.add(content=b"far")
    hang()
    for _ in range(4):
        assert viewer.get(f"/api/stream/{title}").status_code == 503
    monkeypatch.undo()
    eventually(lambda: viewer.get(f"/api/stream/{title}").content == b"far")
    assert viewer.get("/api/health").json()["blocks"]["stream"] == "healthy"
