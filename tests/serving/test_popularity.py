"""Copies on the SSD are sent instead of the archived file, byte for byte, and never if they differ."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import CachedFile, Content, ContentView, MediaFile
from orchestration.breaker import Breaker
from orchestration.contracts import RunRequest
from orchestration.events import ContentViewed
from orchestration.settings import Settings
from serving.cache.popularity import PopularityListener
from serving.kernel.context import Context
from tests.serving.conftest import Shelf, eventually
from tests.serving.shared_streams import Site, anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_playback import end, house, start

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

SIZE = 1 << 24
FILM = os.urandom(SIZE)


@dataclass
class Copied:
    """A title of random bytes with a copy."""

    id: uuid.UUID
    bytes: bytes
    original: Path
    copy: Path


@pytest.fixture
def film(settings: Settings, shelf: Shelf) -> Copied:
    title = shelf.add(content=FILM)
    with Session(shelf.engine) as session, session.begin():
        best = session.get_one(Content, title).best_file_id
        file = session.get_one(MediaFile, best)
        fields = {"owner": "x", "claimed_until": func.now(), "reason": {}, "state": "ready"}
        row = CachedFile(media_file_id=file.id, size=file.size, mtime_ns=file.mtime_ns, **fields)
        session.add(row)
        session.flush()
        name, mtime_ns = str(row.id), file.mtime_ns
    settings.cache_folder.mkdir(parents=True)
    copy = settings.cache_folder / name
    copy.write_bytes(FILM)
    os.utime(copy, ns=(mtime_ns, mtime_ns))
    return Copied(title, FILM, shelf.path_of(title), copy)


def tier(client: httpx.Client, film: Copied) -> str:
    answer: str = client.get(f"/api/stream/{film.id}/info").json()["tier"]
    return answer


def test_a_copy_is_sent_with_the_same_headers_as_its_file(client: httpx.Client, film: Copied) -> None:
    url = f"/api/stream/{film.id}"
    assert tier(client, film) == "ssd"
    ours = client.get(url)
    away = film.original.rename(film.original.with_suffix(".away"))
    assert client.get(url).content == film.bytes, "though the archive is not there"
    away.rename(film.original)
    film.copy.unlink()
    theirs = client.get(url)
    assert ours.content == theirs.content == film.bytes
    assert ours.headers["etag"] == theirs.headers["etag"]
    assert client.head(url).headers["content-length"] == str(SIZE)


@pytest.mark.parametrize("damage", ["shorter", "longer", "later", "a link", "unreadable"])
def test_a_changed_copy_is_not_sent(client: httpx.Client, film: Copied, damage: str) -> None:
    stat = film.copy.stat()
    if damage == "shorter":
        film.copy.write_bytes(b"x" * 100)
    elif damage == "longer":
        film.copy.write_bytes(b"x" * (SIZE + 1))
    elif damage == "later":
        film.copy.write_bytes(b"x" * SIZE)
        os.utime(film.copy, ns=(stat.st_mtime_ns, stat.st_mtime_ns + 1_000_000_000))
    elif damage == "a link":
        film.copy.unlink()
        film.copy.symlink_to("/etc/hostname")
    else:
        film.copy.unlink()
        film.copy.mkdir()
    if damage in ("shorter", "longer"):
        os.utime(film.copy, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
    part = client.get(f"/api/stream/{film.id}", headers={"range": "bytes=50-149"})
    assert (part.status_code, part.content) == (206, film.bytes[50:150])
    assert client.get(f"/api/stream/{film.id}").content == film.bytes


def test_a_copy_that_fails_during_streaming_is_continued_from_the_archive(
    client: httpx.Client, film: Copied
) -> None:
    with client.stream("GET", f"/api/stream/{film.id}") as stream:
        pieces = stream.iter_raw()
        received = next(pieces)
        with film.copy.open("r+b") as copy:
            copy.truncate(100)
        received += b"".join(pieces)
    assert received == film.bytes


def test_a_changed_file_is_not_played_from_an_old_copy(
    client: httpx.Client, film: Copied, shelf: Shelf
) -> None:
    film.original.write_bytes(b"another film")
    with Session(shelf.engine) as session, session.begin():
        best = session.get_one(Content, film.id).best_file_id
        file = session.get_one(MediaFile, best)
        file.size, file.mtime_ns = 12, film.original.stat().st_mtime_ns
    assert tier(client, film) == "nas"
    assert client.get(f"/api/stream/{film.id}").content == b"another film"


def test_the_use_of_a_copy_is_counted(site: Site, film: Copied, shelf: Shelf) -> None:
    with house(site) as (client,):
        for _ in range(2):
            session = start(client, film.id)
            assert client.get(session["playback_url"]).content == film.bytes
            end(client, film.id, session)

    def is_counted() -> bool:
        with Session(shelf.engine) as database:
            copy = database.scalars(select(CachedFile)).one()
        return (copy.hits, copy.bytes_sent) == (2, 2 * SIZE) and copy.used_at is not None

    # A check of all sessions may notice the end first; it reports the bytes after the response.
    eventually(is_counted)


def test_admins_list_copies_in_the_order_of_eviction(admin: httpx.Client, film: Copied) -> None:
    admin.get(f"/api/stream/{film.id}", headers={"range": "bytes=0-9"})
    stats = admin.get("/api/admin/cache/stats").json()["l2"]
    assert (stats["copies"], stats["bytes"]) == (1, SIZE)
    (copy,) = admin.get("/api/admin/cache/copies").json()["items"]
    assert (copy["content_id"], copy["size"], copy["played"]) == (str(film.id), SIZE, True)


@pytest.fixture
def asked() -> list[RunRequest]:
    return []


@pytest.fixture
def context(settings: Settings, redis_url: str, asked: list[RunRequest]) -> Context:
    """Return the part of the context that a view needs. `asked` collects the requested runs."""
    from redis.asyncio import Redis as AsyncRedis

    assert settings.database_url is not None
    engine = make_async_engine(settings.database_url.get_secret_value())

    async def ask(_: object, wanted: RunRequest) -> None:
        asked.append(wanted)

    l1 = SimpleNamespace(redis=AsyncRedis.from_url(redis_url), breaker=Breaker("Redis", ()))
    parts: Any = {"l1": l1, "registry": SimpleNamespace(ask=ask), "resources": SimpleNamespace(engine=engine)}
    return cast(Context, SimpleNamespace(**parts))


def test_the_fifth_view_starts_the_promotion_with_any_state_of_redis(
    context: Context, asked: list[RunRequest], shelf: Shelf, redis_url: str
) -> None:
    title = shelf.add()

    async def views() -> list[int]:
        runs = []
        heating = PopularityListener(context)
        for number in range(1, 7):
            with Session(shelf.engine) as session, session.begin():
                session.add(ContentView(content_id=title))
            with Redis.from_url(redis_url) as redis:
                if number == 3:
                    redis.flushdb()
                await heating.subscription.handle(ContentViewed(title))
                assert redis.get(f"content:views:{title}:7d") == str(number).encode()
            runs.append(len(asked))
        await context.resources.engine.dispose()
        await cast(Any, context.l1.redis).aclose()
        return runs

    assert asyncio.run(views()) == [0, 0, 0, 0, 1, 2]
    assert {(run.deployment, run.idempotency_key) for run in asked} == {
        ("promote-hot", asked[0].idempotency_key)
    }, "the same key: Prefect makes one run of them"


def test_a_counted_view_starts_the_promotion(site: Site, shelf: Shelf, redis_url: str) -> None:
    title = shelf.add(content=os.urandom(1 << 16))
    with house(site) as (client,), Redis.from_url(redis_url) as redis:
        session = start(client, title)
        client.get(session["playback_url"])
        end(client, title, session)
        eventually(lambda: redis.get(f"content:views:{title}:7d") == b"1")
