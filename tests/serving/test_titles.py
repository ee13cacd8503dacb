"""A single title: its files, hands, neighbours and watch progress."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import Content, Hand, MediaFile, Series, WatchProgress
from orchestration.settings import Settings
from tests.serving.conftest import Shelf, sign_in

pytestmark = pytest.mark.shared_servers


def test_a_title_lists_its_files_and_the_playing_one(
    client: httpx.Client, admin: httpx.Client, shelf: Shelf
) -> None:
    content_id = shelf.add(
        "WSOP 2024 Main Event – Day 1A",
        name=b"ME/\xff day 1A.mp4",
        year=2024,
        players=["Ni", "Mizzi"],
        hands=["KcQs", None],
        date=dt.date(2024, 7, 3),
        best_file_reason="the best of 2 files: plays as it is",
        file={"video_codec": "h264", "audio": [{"codec": "aac", "channels": 2}], "variant": "program"},
    )
    with Session(shelf.engine) as session:
        content = session.get_one(Content, content_id)
        series = Series(title="WSOP 2024", brand="WSOP", year=2024)
        session.add(series)
        session.flush()
        content.series_id = series.id
        session.add(
            MediaFile(
                root_id=shelf.root_id,
                path=b"masters/a.mxf",
                path_text="masters/a.mxf",
                size=9,
                mtime_ns=1,
                content_id=content_id,
                playability="transcode",
                playability_reasons=["container:mxf"],
                container="mxf",
            )
        )
        session.commit()
    title = client.get(f"/api/contents/{content_id}").json()
    assert (title["title"], title["date"], title["hands"]) == (
        "WSOP 2024 Main Event – Day 1A",
        "2024-07-03",
        ["KcQs", None],
    )
    assert title["series"]["title"] == "WSOP 2024"
    assert title["why_this_file"] == "the best of 2 files: plays as it is"
    best, master = title["files"]
    assert (best["path"], best["plays"], best["video_codec"], best["variant"]) == (
        "� day 1A.mp4",
        True,
        "h264",
        "program",
    )
    assert (master["path"], master["plays"], master["playability_reasons"]) == (
        "a.mxf",
        False,
        ["container:mxf"],
    )
    assert client.get(title["urls"]["stream"]).content == b"0123456789"
    files = admin.get(f"/api/contents/{content_id}").json()["files"]
    assert [file["path"] for file in files] == ["ME/� day 1A.mp4", "masters/a.mxf"]


def test_a_title_has_neighbours_in_watching_order(client: httpx.Client, shelf: Shelf) -> None:
    event: dict[str, Any] = {
        "brand": "WSOP",
        "year": 2024,
        "event_type": "main_event",
        "content_type": "stream",
    }
    days = [("1A", None), ("1B", None), ("2ABC", None), ("3", None), ("10", None), (None, "final_table")]
    ids = [
        shelf.add(f"{stage or ''} {day or ''} {part}", day=day, stage=stage, part=part, **event)
        for day, stage in reversed(days)
        for part in (2, 1)
    ][::-1]
    shelf.add("Another event", **event | {"event_type": "bracelet"}, day="1A")
    shelf.add("Not ready", **event, day="1A", status="preparing")
    shelf.add("Hidden", **event, day="1A", is_visible=False)
    walked, step = [], str(ids[0])
    assert client.get(f"/api/contents/{step}").json()["previous"] is None
    while step:
        walked.append(step)
        after = client.get(f"/api/contents/{step}").json()["next"]
        if after:
            assert client.get(f"/api/contents/{after['id']}").json()["previous"]["id"] == step
        step = after and after["id"]
    assert walked == [str(content_id) for content_id in ids]


def test_neighbours_have_urls_and_the_same_content_type(client: httpx.Client, shelf: Shelf) -> None:
    def add(title: str, **fields: Any) -> uuid.UUID:
        return shelf.add(title, year=2004, brand="WSOP", **fields)

    episodes = [
        add("1", content_type="episode", episode=1, event_type="bracelet", event_name="Hold'em"),
        add("2", content_type="episode", episode=2),
        add("9", content_type="episode", episode=9, event_type="main_event"),
    ]
    hand, alone = add("Hand", content_type="hand_clip", event_number=7), add("Alone", content_type="clip")
    other_hand = add("Other hand", content_type="hand_clip", event_number=8)
    shelf.add_picture(episodes[2], "poster", "p.jpg", b"x")
    second = client.get(f"/api/contents/{episodes[1]}").json()
    assert (second["previous"]["title"], second["next"]["title"]) == ("1", "9")
    assert second["previous"]["urls"]["poster"] is None
    assert second["next"]["poster"] is None, "an older version of the program made it"
    assert second["next"]["urls"] == {
        "content": f"/api/contents/{episodes[2]}",
        "poster": f"/api/contents/{episodes[2]}/poster.jpg",
        "storyboard": None,
        "storyboard_index": None,
        "stream": f"/api/stream/{episodes[2]}",
    }
    for content_id in (hand, other_hand, alone):
        title = client.get(f"/api/contents/{content_id}").json()
        assert (title["previous"], title["next"]) == (None, None), title["title"]


def test_a_title_shows_its_hands_and_the_watch_progress(
    settings: Settings, anonymous: httpx.Client, shelf: Shelf
) -> None:
    content_id, ann, bob = shelf.add(), sign_in(settings), sign_in(settings)
    with Session(shelf.engine) as session:
        for index, best, players in (
            (2, True, ["Ann Carver", "Bo Ødegård"]),
            (1, False, ["Bo Ødegård"]),
            (3, True, None),
        ):
            session.add(
                Hand(
                    content_id=content_id,
                    hand_index=index,
                    start_seconds=index * 10,
                    end_seconds=index * 10 + 5,
                    is_best=best,
                    players=players,
                    category="Bluff" if best else None,
                )
            )
        session.add(WatchProgress(user_id=ann.user_id, content_id=content_id, progress_seconds=42.5))
        session.commit()
    url = f"/api/contents/{content_id}"
    hers, his = (anonymous.get(url, headers=person.headers).json() for person in (ann, bob))
    assert (hers["progress"]["progress_seconds"], his["progress"]) == (42.5, None)
    assert [hand["hand_index"] for hand in hers["hands_played"]] == [1, 2, 3]
    for query, indexes in (
        ("", [1, 2, 3]),
        ("best=true", [2, 3]),
        ("best=false", [1]),
        ("player=bo", [1, 2]),
        ("player=BO%20odegard", [1, 2]),
        ("player=carver&best=true", [2]),
        ("player=arver", []),
        ("player=bo&offset=1", [2]),
        ("category=bluff&limit=1&offset=1", [3]),
    ):
        answer = anonymous.get(f"{url}/hands?{query}", headers=ann.headers).json()
        assert [hand["hand_index"] for hand in answer["items"]] == indexes, query
    gone = anonymous.get(f"/api/contents/{uuid.uuid4()}/hands", headers=ann.headers)
    assert gone.json()["error"]["code"] == "CONTENT_NOT_FOUND"
