"""A title whose file does not play as it is plays by its rendition."""

from __future__ import annotations

import uuid

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import Content, ContentView, MediaFile, Rendition
from orchestration.settings import Settings
from tests.serving.conftest import Shelf
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

PLAYS = b"what browsers play" * 1_000


@pytest.fixture
def rendered(shelf: Shelf, settings: Settings) -> uuid.UUID:
    """Add an MKV with its rendition."""
    known = {"container": "matroska", "playability": "remux", "playability_reasons": ["container:matroska"]}
    content = shelf.add("From a tape", content=b"an mkv", file=known)
    with Session(shelf.engine) as session, session.begin():
        file = session.get_one(MediaFile, session.get_one(Content, content).best_file_id)
        file.fingerprint, file.metadata_at = b"1", file.found_at
        row = Rendition(
            media_file_id=file.id,
            source=b"1",
            kind="remux",
            container="mp4",
            state="ready",
            size=len(PLAYS),
            owner="somebody",
            claimed_until=file.found_at,
        )
        session.add(row)
        session.flush()
        path = settings.renditions_folder / str(row.id)
        path.parent.mkdir(parents=True)
        path.write_bytes(PLAYS)
        row.mtime_ns = path.stat().st_mtime_ns
    return content


def test_the_rendition_plays(client: httpx.Client, rendered: uuid.UUID) -> None:
    answer = client.get(f"/api/stream/{rendered}", headers={"Range": "bytes=5-99"})
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
        206,
        PLAYS[5:100],
        "video/mp4",
    )
    info = client.get(f"/api/stream/{rendered}/info").json()
    assert (info["playable"], info["media_type"], info["size"]) == (True, "video/mp4", len(PLAYS))
    (listed,) = client.get("/api/contents").json()["items"]
    assert (listed["playability"], listed["status"]) == ("direct", "ready")


def test_an_outdated_rendition_does_not_play(client: httpx.Client, rendered: uuid.UUID, shelf: Shelf) -> None:
    with Session(shelf.engine) as session, session.begin():
        session.get_one(MediaFile, session.get_one(Content, rendered).best_file_id).fingerprint = b"2"
    answer = client.get(f"/api/stream/{rendered}")
    assert (answer.status_code, code(answer)) == (409, "STREAM_NOT_PLAYABLE")
    assert client.get(f"/api/stream/{rendered}/info").json()["playable"] is False


def test_a_deleted_rendition_is_missing_and_the_original_is_not_sent(
    client: httpx.Client, rendered: uuid.UUID, settings: Settings
) -> None:
    (path,) = settings.renditions_folder.iterdir()
    path.unlink()
    answer = client.get(f"/api/stream/{rendered}")
    assert code(answer) == "STREAM_FILE_MISSING"
    assert "make-renditions" in answer.json()["error"]["message"], "no ingest would help"


def test_a_view_is_a_tenth_of_the_rendition(client: httpx.Client, rendered: uuid.UUID, shelf: Shelf) -> None:
    with Session(shelf.engine) as session, session.begin():
        session.get_one(MediaFile, session.get_one(Content, rendered).best_file_id).size = 1 << 40
    playback = client.post(f"/api/stream/{rendered}/start").json()
    assert client.get(playback["playback_url"]).content == PLAYS
    client.post(f"/api/stream/{rendered}/end", json={"playback_id": playback["playback_id"]})
    with Session(shelf.engine) as session:
        assert session.scalar(select(func.count()).select_from(ContentView)) == 1
