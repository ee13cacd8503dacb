"""Playback information and watch progress."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import Hand
from tests.serving.conftest import Shelf
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]


def add_hands(shelf: Shelf, title: uuid.UUID, *hands: tuple[float, float, bool]) -> None:
    with Session(shelf.engine) as session:
        session.add_all(
            Hand(content_id=title, hand_index=number, start_seconds=start, end_seconds=end, is_best=best)
            for number, (start, end, best) in enumerate(hands, 1)
        )
        session.commit()


def test_info_contains_hands_and_skip_zones(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=b"0123456789", duration_seconds=600.0)
    add_hands(shelf, title, (100.0, 200.0, False), (150.0, 250.0, True), (500.0, 700.0, False))
    shelf.add_picture(title, "storyboard", "s.jpg", b"jpeg")
    info = client.get(f"/api/stream/{title}/info").json()
    assert [hand["hand_index"] for hand in info["hands"]] == [1, 2, 3]
    assert [hand["hand_index"] for hand in info["best_hands"]] == [2]
    assert info["skip_zones"] == [
        {"start_seconds": 0.0, "end_seconds": 100.0},
        {"start_seconds": 250.0, "end_seconds": 500.0},
    ]
    assert (info["total_seconds"], info["action_seconds"]) == (600.0, 250.0)
    assert (info["playable"], info["why_not"], info["tier"]) == (True, None, "nas")
    assert (info["media_type"], info["size"], info["playability"]) == ("video/mp4", 10, "direct")
    assert info["storyboard"] == f"/api/contents/{title}/storyboard.jpg"
    assert info["storyboard_index"] is None
    assert info["progress"] == {"progress_seconds": 0.0, "completed": False}


def test_a_title_of_unknown_duration_has_no_skip_zones(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(duration_seconds=None)
    add_hands(shelf, title, (1.0, 2.0, True))
    info = client.get(f"/api/stream/{title}/info").json()
    assert (info["total_seconds"], info["action_seconds"], info["skip_zones"]) == (None, None, [])
    assert len(info["hands"]) == 1


def test_info_gives_the_reason_if_a_title_does_not_play(client: httpx.Client, shelf: Shelf) -> None:
    file = {"playability": "transcode", "playability_reasons": ["video_codec:prores"]}
    info = client.get(f"/api/stream/{shelf.add(status='preparing', file=file)}/info").json()
    assert (info["playable"], info["why_not"], info["tier"]) == (False, "STREAM_NOT_PLAYABLE", None)
    assert (info["playability"], info["reasons"]) == ("transcode", ["video_codec:prores"])
    nothing = client.get(f"/api/stream/{shelf.add(content=None)}/info").json()
    assert (nothing["why_not"], nothing["size"], nothing["media_type"]) == ("STREAM_FILE_MISSING", None, None)
    hidden = client.get(f"/api/stream/{shelf.add(is_visible=False)}/info")
    assert (hidden.status_code, code(hidden)) == (404, "CONTENT_NOT_FOUND")


def store(client: httpx.Client, title: uuid.UUID, position: object) -> httpx.Response:
    """Save the progress with the JSON of Python, which also writes `NaN`."""
    headers = {"content-type": "application/json"}
    body = json.dumps({"position_seconds": position})
    return client.post(f"/api/stream/{title}/progress", content=body, headers=headers)


def test_progress_is_saved_and_completed_near_the_end(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(duration_seconds=100.0)
    came = [store(client, title, position).json() for position in (10, 89.9, 90, 123_456, 0, 20)]
    assert [(each["progress_seconds"], each["completed"]) for each in came] == [
        (10.0, False),
        (89.9, False),
        (90.0, True),
        (100.0, True),
        (100.0, True),
        (20.0, False),
    ]
    assert client.get(f"/api/stream/{title}/info").json()["progress"] == came[-1]


def test_a_title_of_unknown_duration_is_never_completed(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(duration_seconds=None)
    assert store(client, title, 5_000).json() == {"progress_seconds": 5_000.0, "completed": False}


@pytest.mark.parametrize("position", [-1, float("nan"), float("inf"), 1e300, 10**400, "x", None, []])
def test_invalid_positions_are_refused(client: httpx.Client, shelf: Shelf, position: object) -> None:
    response = store(client, shelf.add(), position)
    assert (response.status_code, code(response)) == (422, "REQUEST_INVALID")


def test_progress_of_hidden_titles_is_not_saved(client: httpx.Client, shelf: Shelf) -> None:
    for title in (uuid.uuid4(), shelf.add(is_visible=False)):
        response = store(client, title, 5)
        assert (response.status_code, code(response)) == (404, "CONTENT_NOT_FOUND")
