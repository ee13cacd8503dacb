"""The rendition that a title needs, on its page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import Content, Rendition
from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers

NOW, HOUR = dt.datetime.now(dt.UTC), dt.timedelta(hours=1)


def add_rendition(shelf: Shelf, content_id: uuid.UUID, **fields: Any) -> None:
    row: dict[str, Any] = {
        "source": b"same",
        "kind": "remux",
        "container": "mp4",
        "size": 1,
        "owner": "somebody",
        "claimed_until": NOW + HOUR,
    }
    with Session(shelf.engine) as session:
        file = session.get_one(Content, content_id).best_file_id
        session.add(Rendition(media_file_id=file, **(row | fields)))
        session.commit()


@pytest.mark.parametrize(
    ("playability", "rendition", "expected"),
    [
        ("direct", None, None),
        ("direct", {"state": "ready", "kind": "faststart"}, {"state": "ready", "kind": "faststart"}),
        ("remux", None, {"state": "waiting", "kind": "remux"}),
        ("transcode", None, {"state": "waiting", "kind": "transcode"}),
        ("broken", None, {"state": "not_planned", "kind": None}),
        ("remux", {"state": "making"}, {"state": "running", "kind": "remux"}),
        (
            "transcode",
            {"state": "making", "kind": "transcode", "claimed_until": NOW - HOUR},
            {"state": "waiting", "kind": "transcode"},
        ),
        ("remux", {"state": "failed", "problem": "/secret/path"}, {"state": "failed", "kind": "remux"}),
        ("remux", {"state": "ready"}, {"state": "ready", "kind": "remux"}),
        ("remux", {"state": "failed", "source": b"of old content"}, {"state": "waiting", "kind": "remux"}),
        ("direct", {"state": "making", "kind": "deinterlace"}, None),
        ("direct", {"state": "failed", "source": b"of old content"}, None),
        (None, None, None),
    ],
)
def test_a_title_shows_the_state_of_its_rendition(
    client: httpx.Client,
    shelf: Shelf,
    playability: str | None,
    rendition: dict[str, Any] | None,
    expected: dict[str, Any] | None,
) -> None:
    content_id = shelf.add(file={"playability": playability, "fingerprint": b"same"})
    if rendition is not None:
        add_rendition(shelf, content_id, **rendition)
    answer = client.get(f"/api/contents/{content_id}")
    assert answer.json()["rendition"] == expected
    assert "/secret" not in answer.text


def test_no_rendition_is_planned_for_a_title_without_a_file(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(content=None, status="preparing")
    answer = client.get(f"/api/contents/{content_id}").json()
    assert answer["rendition"] == {"state": "not_planned", "kind": None}
