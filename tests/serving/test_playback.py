"""Playback sessions over HTTP: start, queue, take-over, heartbeat, end, signed URLs and permissions."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from catalog_models.tables import PlaybackSession, User
from orchestration.settings import Settings
from serving.kernel.keys import derived_key
from serving.stream.sessions.playback_urls import PlaybackGrant, sign
from tests.serving.conftest import Person, Shelf, eventually, sign_in, signed_in
from tests.serving.shared_streams import Site, anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import BYTES, code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

LIMITS = {"stream_limit": 2, "stream_limit_per_user": 2, "stream_queue_limit": 1}


@contextmanager
def house(site: Site, people: int = 1, **limits: Any) -> Iterator[list[httpx.Client]]:
    """Yield the application with these limits, and signed-in accounts."""
    anonymous = site.server(**limits)
    with ExitStack() as closing:
        yield [closing.enter_context(signed_in(anonymous, sign_in(site.settings))) for _ in range(people)]


def start(client: httpx.Client, title: uuid.UUID, **wanted: object) -> dict[str, Any]:
    """Open a session, and return it."""
    response = client.post(f"/api/stream/{title}/start", json=wanted)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def rows(shelf: Shelf) -> list[tuple[bool, str | None]]:
    """Return all sessions in order of arrival, with whether they hold a slot and why they ended."""
    with Session(shelf.engine) as session:
        found = session.execute(
            select(PlaybackSession.started_at.is_not(None), PlaybackSession.end_reason).order_by(
                PlaybackSession.asked_at
            )
        )
        return [(started, reason) for started, reason in found]


def test_a_session_plays_by_its_url_alone(
    client: httpx.Client, anonymous: httpx.Client, shelf: Shelf
) -> None:
    title = shelf.add(content=BYTES, duration_seconds=7_200.0)
    answer = start(client, title, device="living room")
    assert (answer["state"], answer["position"], answer["tier"]) == ("playing", 0, "nas")
    assert (answer["lease_seconds"], answer["heartbeat_seconds"]) == (45.0, 15.0)
    response = anonymous.get(answer["playback_url"], headers={"range": "bytes=3-9"})
    assert (response.status_code, response.content) == (206, BYTES[3:10])
    assert anonymous.head(answer["playback_url"]).headers["content-length"] == str(len(BYTES))
    assert rows(shelf) == [(True, None)]


def test_start_requires_no_body_and_head_no_slot(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add()
    assert client.head(f"/api/stream/{title}").status_code == 200
    assert rows(shelf) == []
    assert client.post(f"/api/stream/{title}/start").status_code == 201


def test_only_existing_playable_titles_get_a_slot(client: httpx.Client, shelf: Shelf) -> None:
    hidden, preparing, gone = shelf.add(is_visible=False), shelf.add(status="preparing"), shelf.add()
    shelf.path_of(gone).unlink()
    for title, status in ((uuid.uuid4(), 404), (hidden, 404), (preparing, 409)):
        assert client.post(f"/api/stream/{title}/start").status_code == status
    assert client.get(f"/api/stream/{gone}").status_code == 404
    assert rows(shelf) == []


def test_requests_with_a_token_share_one_session_per_title(client: httpx.Client, shelf: Shelf) -> None:
    one, other = shelf.add(content=BYTES), shelf.add(content=BYTES)
    for title in (one, one, other, one):
        assert client.get(f"/api/stream/{title}", headers={"range": "bytes=0-9"}).status_code == 206
    assert rows(shelf) == [(True, None), (True, None)]


def test_idle_slots_are_released_when_a_token_switches_titles(client: httpx.Client, shelf: Shelf) -> None:
    titles = [shelf.add(content=BYTES) for _ in range(5)]
    for title in titles:
        assert client.get(f"/api/stream/{title}").content == BYTES
    eventually(lambda: [reason for _, reason in rows(shelf)] == ["expired"] * 5)
    assert client.get(f"/api/stream/{titles[0]}").content == BYTES
    assert len(rows(shelf)) == 5, "the session is joined again"


def test_beyond_the_limit_players_wait_in_a_fair_queue(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, 4, **(LIMITS | {"stream_limit": 1, "stream_queue_limit": 2})) as clients:
        first, second, third, fourth = clients
        playing = start(first, title)
        waits, waits_longer = start(second, title), start(third, title)
        assert (waits["state"], waits["position"], waits["playback_url"]) == ("waiting", 1, None)
        assert (waits_longer["position"], waits["expires_at"]) == (2, None)
        full = fourth.post(f"/api/stream/{title}/start")
        assert (full.status_code, code(full), full.headers["retry-after"]) == (503, "STREAM_QUEUE_FULL", "15")
        end(first, title, playing)
        assert start(third, title, playback_id=waits_longer["playback_id"])["position"] == 2
        assert start(second, title, playback_id=waits["playback_id"])["state"] == "playing"
        assert start(third, title, playback_id=waits_longer["playback_id"])["position"] == 1


def test_requests_of_a_waiting_player_return_its_position(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, 2, **(LIMITS | {"stream_limit": 1})) as (first, second):
        playing = start(first, title)
        response = second.get(f"/api/stream/{title}")
        assert (response.status_code, code(response)) == (503, "STREAM_WAITING")
        assert (response.json()["error"]["details"], response.headers["retry-after"]) == (
            {"position": 1},
            "15",
        )
        end(first, title, playing)
        assert second.get(f"/api/stream/{title}").content == BYTES
        assert len(rows(shelf)) == 2, "asking for bytes kept the place in the queue"


def end(client: httpx.Client, title: uuid.UUID, session: dict[str, Any], **more: object) -> httpx.Response:
    return client.post(f"/api/stream/{title}/end", json={"playback_id": session["playback_id"], **more})


def test_a_viewer_at_the_limit_sees_the_sessions_and_can_take_one_over(site: Site, shelf: Shelf) -> None:
    title = shelf.add("Main Event", content=BYTES)
    with house(site, **LIMITS) as (client,):
        old, other = start(client, title, device="living room"), start(client, title, device="kitchen")
        assert client.get(old["playback_url"]).content == BYTES
        refused = client.post(f"/api/stream/{title}/start")
        assert (refused.status_code, code(refused)) == (429, "STREAM_LIMIT_REACHED")
        assert int(refused.headers["retry-after"]) > 0
        playing = refused.json()["error"]["details"]["playing"]
        assert [each["device"] for each in playing] == ["living room", "kitchen"]
        assert [each["playback_id"] for each in playing] == [old["playback_id"], other["playback_id"]]
        assert {(each["content_id"], each["title"]) for each in playing} == {(str(title), "Main Event")}
        assert all(each["started_at"] for each in playing)
        new = start(client, title, take_over=old["playback_id"])
        assert new["state"] == "playing"
        gone = client.get(old["playback_url"])
        assert (gone.status_code, code(gone)) == (410, "PLAYBACK_ENDED")
        assert gone.json()["error"]["details"] == {"reason": "taken_over"}
        assert client.head(old["playback_url"]).status_code == 410
        assert heartbeat(client, title, old).status_code == 410
        assert client.get(new["playback_url"]).content == BYTES


def heartbeat(
    client: httpx.Client, title: uuid.UUID, session: dict[str, Any], **more: object
) -> httpx.Response:
    return client.post(f"/api/stream/{title}/heartbeat", json={"playback_id": session["playback_id"], **more})


def test_ending_a_session_is_immediate_and_idempotent(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    session = start(client, title)
    assert client.get(session["playback_url"]).content == BYTES
    assert [end(client, title, session).status_code for _ in range(2)] == [204, 204]
    assert client.get(session["playback_url"]).status_code == 410
    assert client.post(
        f"/api/stream/{title}/start", json={"playback_id": session["playback_id"]}
    ).status_code == (410)
    assert rows(shelf) == [(True, "ended")]


def test_ending_a_session_cuts_its_streams(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=bytes(1 << 25))
    session = start(client, title)
    with client.stream("GET", session["playback_url"]) as stream:
        end(client, title, session)
        with pytest.raises(httpx.TransportError):
            stream.read()


def test_a_beacon_with_a_cookie_ends_a_session(
    settings: Settings, anonymous: httpx.Client, shelf: Shelf
) -> None:
    person, title = sign_in(settings), shelf.add()
    with signed_in(anonymous, person) as client:
        session = start(client, title)
    body = json.dumps({"playback_id": session["playback_id"], "position_seconds": 12.5})
    own = f"{anonymous.base_url.scheme}://{anonymous.base_url.netloc.decode()}"
    headers = {"cookie": f"wsoptv_access={person.token}", "content-type": "text/plain;charset=UTF-8"}
    url = f"/api/stream/{title}/end"
    foreign = anonymous.post(url, content=body, headers=headers | {"origin": "https://elsewhere.example"})
    assert (foreign.status_code, code(foreign)) == (403, "AUTH_ORIGIN_REFUSED")
    assert anonymous.post(url, content=body, headers=headers | {"origin": own}).status_code == 204
    broken = anonymous.post(url, content=b"\xff{", headers=headers | {"origin": own})
    assert (broken.status_code, code(broken)) == (422, "REQUEST_INVALID")


def test_a_link_on_another_site_takes_no_slot(
    settings: Settings, anonymous: httpx.Client, shelf: Shelf
) -> None:
    person, title = sign_in(settings), shelf.add(content=BYTES)
    cookie, linked = {"cookie": f"wsoptv_access={person.token}"}, {"sec-fetch-site": "cross-site"}
    refused = anonymous.get(f"/api/stream/{title}", headers=cookie | linked)
    assert (refused.status_code, code(refused)) == (403, "AUTH_ORIGIN_REFUSED")
    assert rows(shelf) == []
    for headers in (cookie, cookie | {"sec-fetch-site": "same-origin"}, person.headers | linked):
        assert anonymous.get(f"/api/stream/{title}", headers=headers).content == BYTES


def _tampered(url: str, title: uuid.UUID, settings: Settings) -> Iterator[str]:
    path, _, signature = url.partition("?playback=")
    for place in (0, 30, 60, 100, len(signature) - 1):
        other = "A" if signature[place] != "A" else "B"
        yield f"{path}?playback={signature[:place]}{other}{signature[place + 1 :]}"
    for odd in ("", "x", "%00", "%ff" * 120, signature[:-4], signature + "AAAA", "é" * 120, "=" * 120):
        yield f"{path}?playback={odd}"
    grant = PlaybackGrant(uuid.uuid4(), title, uuid.uuid4(), int(time.time()) - 1)
    yield f"{path}?playback={sign(grant, derived_key(settings, 'playback'))}"
    yield f"{path}?playback={sign(grant, b'another key')}"


def test_invalid_and_expired_urls_are_refused(
    client: httpx.Client, anonymous: httpx.Client, settings: Settings, shelf: Shelf
) -> None:
    title = shelf.add(content=BYTES)
    url = start(client, title)["playback_url"]
    for tampered in _tampered(url, title, settings):
        response = anonymous.get(tampered)
        assert (response.status_code, code(response)) == (401, "PLAYBACK_URL_INVALID"), tampered
    assert anonymous.get(url).content == BYTES


def test_the_last_character_of_a_url_is_checked(
    client: httpx.Client, anonymous: httpx.Client, shelf: Shelf
) -> None:
    """The last character of Base64 has unused bits. A different text must be a different signature."""
    url = start(client, shelf.add())["playback_url"]
    accepted = [
        letter
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
        if anonymous.get(url[:-1] + letter).status_code == 200
    ]
    assert accepted == [url[-1]]


def test_a_url_is_valid_only_for_its_title_and_account(
    settings: Settings, client: httpx.Client, anonymous: httpx.Client, shelf: Shelf
) -> None:
    title, other = shelf.add(content=BYTES), shelf.add(content=BYTES)
    url = start(client, title)["playback_url"]
    foreign = anonymous.get(url.replace(str(title), str(other)))
    assert (foreign.status_code, code(foreign)) == (403, "PLAYBACK_URL_FOREIGN")
    with signed_in(anonymous, sign_in(settings)) as somebody:
        stolen = somebody.get(url)
        assert (stolen.status_code, code(stolen)) == (403, "PLAYBACK_URL_FOREIGN")
    stale = anonymous.get(url, headers={"cookie": "wsoptv_access=expired"})
    assert stale.content == BYTES, "a cookie that has run out spoils nothing"


def test_sessions_of_other_viewers_are_not_found(
    settings: Settings, client: httpx.Client, anonymous: httpx.Client, shelf: Shelf
) -> None:
    title, other = shelf.add(), shelf.add()
    session = start(client, title)
    playback_id = session["playback_id"]
    with signed_in(anonymous, sign_in(settings)) as somebody:
        attempts = [
            heartbeat(somebody, title, session),
            end(somebody, title, session),
            somebody.post(f"/api/stream/{title}/start", json={"playback_id": playback_id}),
            somebody.post(f"/api/stream/{title}/start", json={"take_over": playback_id}),
            somebody.post(
                f"/api/stream/{title}/progress", json={"playback_id": playback_id, "position_seconds": 5}
            ),
        ]
    attempts += [heartbeat(client, other, session), end(client, other, session)]
    assert [(each.status_code, code(each)) for each in attempts] == [(404, "PLAYBACK_NOT_FOUND")] * 7
    assert rows(shelf) == [(True, None)]


def test_playback_requires_a_sign_in(anonymous: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add()
    answers = [anonymous.get(f"/api/stream/{title}"), anonymous.get(f"/api/stream/{title}/info")]
    answers += [
        anonymous.post(f"/api/stream/{title}/{act}") for act in ("start", "heartbeat", "progress", "end")
    ]
    assert {(each.status_code, code(each)) for each in answers} == {(401, "AUTH_REQUIRED")}


def test_deactivating_an_account_cuts_its_streams_within_seconds(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=bytes(1 << 25))
    url = start(client, title)["playback_url"]
    with client.stream("GET", url) as stream:
        assert stream.status_code == 200
        with Session(shelf.engine) as session:
            session.execute(update(User).values(is_active=False))
            session.commit()
        first_byte = {"range": "bytes=0-0"}
        eventually(lambda: client.get(url, headers=first_byte).status_code == 410)
        with pytest.raises(httpx.TransportError):
            stream.read()


def test_heartbeats_hold_a_paused_player_and_renew_an_expired_lease(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, 2, **(LIMITS | {"stream_limit": 1})) as (first, second):
        session = start(first, title)
        beat = heartbeat(first, title, session)
        assert beat.json() == {
            "playback_id": session["playback_id"],
            "state": "playing",
            "position": 0,
            "heartbeat_seconds": 15.0,
            "lease_seconds": 45.0,
        }
        expire(shelf)
        assert heartbeat(first, title, session).json()["state"] == "playing"
        expire(shelf)
        other = start(second, title)
        waits = heartbeat(first, title, session).json()
        assert (other["state"], waits["state"], waits["position"]) == ("playing", "waiting", 1)
        end(second, title, other)
        assert heartbeat(first, title, session).json()["state"] == "playing"


def expire(shelf: Shelf) -> None:
    """Expire and sweep all leases."""
    with Session(shelf.engine) as session:
        session.execute(text("update playback_sessions set ended_at = now(), end_reason = 'expired'"))
        session.commit()


@pytest.mark.parametrize(
    "wanted",
    [
        {"device": "x" * 121},
        {"device": "\x00"},
        {"device": "\ud800"},
        {"playback_id": "x"},
        {"take_over": 5},
        [],
        "text",
    ],
)
def test_invalid_requests_are_refused(client: httpx.Client, shelf: Shelf, wanted: object) -> None:
    response = client.post(
        f"/api/stream/{shelf.add()}/start",
        content=json.dumps(wanted),
        headers={"content-type": "application/json"},
    )
    assert (response.status_code, code(response)) == (422, "REQUEST_INVALID")


def test_a_device_has_the_name_that_its_player_sends(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add()
    client.post(f"/api/stream/{title}/start", headers={"user-agent": "Film\tPlayer/1 " + "x" * 200})
    client.post(f"/api/stream/{title}/start", headers={"user-agent": ""})
    with Session(shelf.engine) as session:
        first, second = session.scalars(select(PlaybackSession.device).order_by(PlaybackSession.ticket))
    assert first.startswith("FilmPlayer/1 xx")
    assert len(first) == 120
    assert second == "unknown device"


def test_a_url_is_valid_for_the_duration_and_an_hour(client: httpx.Client, shelf: Shelf) -> None:
    now = dt.datetime.now(dt.UTC)
    for duration, hours in ((7_200.0, 3), (360_000.0, 12), (None, 12)):
        answer = start(client, shelf.add(duration_seconds=duration))
        lives = dt.datetime.fromisoformat(answer["expires_at"]) - now
        assert abs(lives - dt.timedelta(hours=hours)) < dt.timedelta(minutes=1)


def test_start_returns_the_watch_progress(settings: Settings, anonymous: httpx.Client, shelf: Shelf) -> None:
    person: Person = sign_in(settings)
    title = shelf.add(duration_seconds=100.0)
    with signed_in(anonymous, person) as client:
        session = start(client, title)
        assert session["progress_seconds"] == 0
        heartbeat(client, title, session, position_seconds=42.5)
        end(client, title, session)
        assert start(client, title)["progress_seconds"] == 42.5
        client.post(f"/api/stream/{title}/progress", json={"position_seconds": 95})
        session = start(client, title)
        assert session["progress_seconds"] == 0, "a completed title starts from the beginning"
