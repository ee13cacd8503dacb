"""No response, header or error shows a path of the archive to viewers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import ContentView, Hand, Series, WatchlistEntry
from orchestration.settings import Settings
from serving.stream.responses import roots
from tests.serving.conftest import Person, Shelf, eventually, sign_in, signed_in

pytestmark = pytest.mark.shared_servers

FOLDER = "Zq7 vault"


@pytest.fixture
def ann(settings: Settings) -> Person:
    return sign_in(settings)


@pytest.fixture
def viewer(anonymous: httpx.Client, ann: Person) -> Iterator[httpx.Client]:
    with signed_in(anonymous, ann) as client:
        yield client


def fill(shelf: Shelf, ann: Person) -> tuple[list[uuid.UUID], uuid.UUID]:
    """Add titles that play, that are being prepared and whose file is missing, in all lists of Ann."""
    with Session(shelf.engine) as session:
        row = Series(title="WSOP 2024", brand="WSOP", year=2024)
        session.add(row)
        session.commit()
        series = row.id
    fields: dict[str, Any] = {"series_id": series, "event_type": "main_event", "content_type": "stream"}
    ids = [
        shelf.add(f"Film {name}", name=f"{FOLDER}/{name}.mp4".encode(), **fields | more)
        for name, more in (
            ("one", {}),
            ("two", {}),
            (
                "three",
                {"status": "preparing", "file": {"playability": "transcode", "problem": "it is empty"}},
            ),
        )
    ]
    with Session(shelf.engine) as session, session.begin():
        for content_id in ids:
            session.add(WatchlistEntry(user_id=ann.user_id, content_id=content_id))
            session.add(
                ContentView(user_id=ann.user_id, content_id=content_id, viewed_at=dt.datetime.now(dt.UTC))
            )
            session.add(Hand(content_id=content_id, hand_index=1, start_seconds=1, end_seconds=2))
    shelf.path_of(ids[1]).unlink()
    return ids, series


def secrets(shelf: Shelf) -> tuple[str, str]:
    return FOLDER, str(shelf.archive)


def expect_no_path(shelf: Shelf, response: httpx.Response) -> None:
    said = f"{response.headers} {response.content.decode('utf-8', 'replace')}".replace("%20", " ")
    for secret in secrets(shelf):
        assert secret not in said, (response.request.url, said)


def test_no_response_to_a_viewer_has_a_path(
    anonymous: httpx.Client, viewer: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    ids, series = fill(shelf, ann)
    operations = anonymous.get("/api/openapi.json").json()["paths"]
    asked = 0
    for template in [path for path, methods in operations.items() if "get" in methods]:
        for content_id in ids:
            path = template.format(
                content_id=content_id,
                series_id=series,
                row_id="main_event",
                user_id=ann.user_id,
                run_id=uuid.uuid4(),
                width=640,
                sheet=1,
                key="ashbrook",
            )
            query = (
                {"q": "film", "playable": "all", "facets": "true"} if path.startswith("/api/search") else {}
            )
            expect_no_path(shelf, viewer.get(path, params=query))
            asked += 1
    assert asked > 100


def test_no_error_of_a_player_has_a_path(viewer: httpx.Client, shelf: Shelf, ann: Person) -> None:
    ids, _series = fill(shelf, ann)
    statuses = set()
    for content_id in ids:
        for step, body in (
            ("start", {}),
            ("heartbeat", {"playback_id": str(uuid.uuid4())}),
            ("progress", {"position_seconds": 1}),
        ):
            response = viewer.post(f"/api/stream/{content_id}/{step}", json=body)
            statuses.add(response.status_code)
            expect_no_path(shelf, response)
    shelf.path_of(ids[0]).chmod(0)
    shelf.path_of(ids[0]).unlink()
    shelf.path_of(ids[0]).mkdir()
    response = viewer.get(f"/api/stream/{ids[0]}")
    expect_no_path(shelf, response)
    assert {*statuses, response.status_code} >= {201, 404, 409}


def test_health_does_not_name_a_root_that_is_down(
    anonymous: httpx.Client,
    admin: httpx.Client,
    shelf: Shelf,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roots, "EVERY", 0.0)
    monkeypatch.setattr(roots, "AGAIN", 0.0)
    fill(shelf, ann)
    shelf.archive.rename(shelf.archive.with_name("unmounted"))
    eventually(lambda: anonymous.get("/api/health").json()["dependencies"].get("archive") == "disconnected")
    expect_no_path(shelf, anonymous.get("/api/health"))
    eventually(
        lambda: admin.get("/api/admin/dashboard").json()["archive"]["roots_down"] == [str(shelf.archive)]
    )


def test_moderators_see_the_paths_of_files(
    anonymous: httpx.Client, settings: Settings, shelf: Shelf, ann: Person
) -> None:
    ids, _series = fill(shelf, ann)
    shown = {}
    for role in ("user", "moderator", "admin"):
        with signed_in(anonymous, sign_in(settings, role)) as client:
            (file,) = client.get(f"/api/contents/{ids[0]}").json()["files"]
            shown[role] = file["path"]
    assert shown == {"user": "one.mp4", "moderator": f"{FOLDER}/one.mp4", "admin": f"{FOLDER}/one.mp4"}
