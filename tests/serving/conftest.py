"""A real server on a loopback port, with a database and an archive that tests fill."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
import uvicorn
from fastapi import FastAPI, applications
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from catalog_models.engine import make_engine
from catalog_models.tables import Content, MediaFile, Root, Thumbnail, User
from catalog_models.writes import login_sessions, search_words, users
from deployments.api.http_protocol import UVICORN_OPTIONS
from orchestration.settings import Settings
from serving.app import create_app
from serving.auth import passwords
from serving.auth.tokens import Tokens
from serving.http.tls import certificates
from serving.kernel.keys import derived_key
from serving.monitoring import alert_checks
from tests.plugins.databases import EMPTY, Databases
from tests.plugins.servers import flush, settings_of


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, and fail after 30 seconds without it.

    Checks take processor time from the awaited work, so they become rarer.
    """
    deadline, pause = time.monotonic() + 30, 0.005
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause)
        pause = min(1.3 * pause, 0.1)


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


class QuickServer(uvicorn.Server):
    """A server that checks a hundred times a second whether it should exit, instead of ten times."""

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):
            await asyncio.sleep(0.01)


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """Run the application in uvicorn as `deployments/api/foreground.py` does, and yield a client."""
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2, **UVICORN_OPTIONS)
    server = QuickServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=certificates()) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Shelf:
    """Adds files and titles to the archive and the catalogue."""

    engine: Engine
    archive: Path
    home: Path
    root_id: uuid.UUID | None = field(default=None)

    def add(
        self, title: str = "WSOP 2024 Main Event", content: bytes | None = b"0123456789", **fields: Any
    ) -> uuid.UUID:
        """Add a title with one file of these bytes (None: without a file). `file` sets fields of the file."""
        file_fields = fields.pop("file", {})
        name = fields.pop("name", f"{uuid.uuid4()}.mp4".encode())
        shown = {
            "is_visible": True,
            "status": "ready",
            "short_title": title,
            "content_key": str(uuid.uuid4()),
        }
        with Session(self.engine) as session:
            row = Content(title=title, **(shown | fields))
            session.add(row)
            session.flush()
            search_words.add(session, (row.search_title, row.search_fields))
            if content is not None:
                row.best_file_id = self._add_file(session, row.id, name, content, file_fields)
            session.commit()
            return row.id

    def _add_file(
        self, session: Session, content_id: uuid.UUID, name: bytes, content: bytes, fields: dict[str, Any]
    ) -> uuid.UUID:
        if self.root_id is None:
            root = Root(path=bytes(self.archive), path_text=str(self.archive))
            session.add(root)
            session.flush()
            self.root_id = root.id
        path = Path(self.archive, name.decode("utf-8", "surrogateescape"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        known = {
            "size": len(content),
            "mtime_ns": path.stat().st_mtime_ns,
            "container": "mp4",
            "playability": "direct",
            "playability_reasons": [],
        }
        text = name.decode("utf-8", "replace")
        row = MediaFile(
            root_id=self.root_id, path=name, path_text=text, content_id=content_id, **(known | fields)
        )
        session.add(row)
        session.flush()
        return row.id

    def path_of(self, content_id: uuid.UUID) -> Path:
        """Return the path of the file of a title."""
        with Session(self.engine) as session:
            row = session.get_one(Content, content_id)
            file = session.get_one(MediaFile, row.best_file_id)
            return Path(self.archive, file.path.decode("utf-8", "surrogateescape"))

    def add_picture(self, content_id: uuid.UUID, kind: str, name: str, data: bytes, **fields: Any) -> Path:
        """Add a picture of the file that plays the title."""
        path = self.home / "thumbnails" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        with Session(self.engine) as session:
            best = session.get_one(Content, content_id).best_file_id
            session.add(
                Thumbnail(
                    media_file_id=best,
                    kind=kind,
                    path=name,
                    size=len(data),
                    **({"generator": 1, "width": 1, "height": 1} | fields),
                )
            )
            session.commit()
        return path


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use sixteen rounds of bcrypt instead of four thousand."""
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture(scope="session", autouse=True)
def _shared_documents() -> Iterator[None]:
    """Build the OpenAPI document once per set of operations, because it takes half a second."""
    built: dict[tuple[int, ...], tuple[list[APIRoute], dict[str, Any]]] = {}

    def build(*, routes: Sequence[BaseRoute], **about: Any) -> dict[str, Any]:
        operations = [route for route in routes if isinstance(route, APIRoute)]
        key = tuple(map(id, operations))
        if key not in built:
            built[key] = (operations, get_openapi(routes=operations, **about))
        return built[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applications, "get_openapi", build)
        yield


_engines: dict[str, Engine] = {}


def engine_of(url: str) -> Engine:
    """Return the engine of the tests for this database.

    A new one for each step would cost more than most steps.
    """
    if url not in _engines:
        _engines[url] = make_engine(url)
    return _engines[url]


@pytest.fixture(scope="session", autouse=True)
def _disposed() -> Iterator[None]:
    """Close the connections of the tests at the end."""
    yield
    for engine in _engines.values():
        engine.dispose()


@dataclass
class SharedServers:
    """A database and a home that the tests of a module share, with one server per settings."""

    settings: Settings
    closing: ExitStack
    running: dict[Settings, httpx.URL] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """Return the address of the database."""
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    def empty(self) -> None:
        """Delete all rows.

        In-process state of the servers stays, such as vocabularies and the counters of `/metrics`.
        """
        with engine_of(self.database_url).begin() as connection:
            connection.exec_driver_sql(EMPTY, execution_options={"no_parameters": True})

    @contextmanager
    def client(self, settings: Settings) -> Iterator[httpx.Client]:
        """Yield a new client of the server with these settings. The first call starts the server."""
        if settings not in self.running:
            started = self.closing.enter_context(serving(create_app(settings)))
            self.running[settings] = started.base_url
        with client_of(self.running[settings]) as client:
            yield client


@pytest.fixture(scope="module")
def shared(
    databases: Databases, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedServers]:
    """Yield what the tests of a module share if it is marked `shared_servers`."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as closing:
        # A server that lives for a whole module would write alerts while a test reads them.
        patch.setattr(alert_checks, "EVERY", 86_400.0)
        url = closing.enter_context(databases.lend())
        settings = settings_of(tmp_path_factory.mktemp("shared"), url, redis_url)
        yield SharedServers(settings, closing)


def _shared(request: pytest.FixtureRequest) -> SharedServers | None:
    """Return the servers that this test shares with its module, or None if it has its own."""
    if request.node.get_closest_marker("shared_servers") is None:
        return None
    found = request.getfixturevalue("shared")
    assert isinstance(found, SharedServers)
    return found


@pytest.fixture
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """Return an empty database, unless `pytest.mark.shared_servers(rows="kept")` keeps the rows."""
    if shared := _shared(request):
        if not request.node.get_closest_marker("shared_servers").kwargs:
            shared.empty()
        yield shared.database_url
    else:
        with databases.lend() as url:
            yield url


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Return settings for the home of the test, or the one that its module shares. Redis is empty."""
    flush(redis_url)
    shared = _shared(request)
    return shared.settings if shared else settings_of(tmp_path, database_url, redis_url)


@pytest.fixture
def engine(database_url: str) -> Engine:
    """Return the engine of the tests for this database."""
    return engine_of(database_url)


@pytest.fixture
def shelf(settings: Settings, engine: Engine, tmp_path: Path) -> Shelf:
    """Return a shelf over an empty catalogue and an empty archive."""
    (tmp_path / "archive").mkdir()
    return Shelf(engine, tmp_path / "archive", settings.home)


@contextmanager
def shelf_in(folder: Path, database_url: str) -> Iterator[Shelf]:
    """Return a shelf over an empty archive in this folder and the catalogue in this database."""
    (folder / "archive").mkdir()
    yield Shelf(engine_of(database_url), folder / "archive", folder / "home")


@dataclass(frozen=True)
class Person:
    """A signed-in account."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    username: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that a program sends for this account."""
        return {"Authorization": f"Bearer {self.token}"}


def sign_in(settings: Settings, role: str = "user") -> Person:
    """Create an account with this role, and sign it in without a password."""
    assert settings.database_url is not None
    number = next(_numbers)
    tokens = Tokens(derived_key(settings, "tokens"), dt.timedelta(minutes=15), dt.timedelta(days=7))
    with Session(engine_of(settings.database_url.get_secret_value())) as session:
        name = f"{role}{number}"
        user_id = users.create(
            session,
            email=f"{name}@example.com",
            username=name,
            password_hash=NO_PASSWORD,
            role=role,
            approved=True,
        )
        session_id, _ = login_sessions.start(session, user_id, "tests", "127.0.0.1", tokens.refresh)
        session.commit()
    return Person(user_id, session_id, name, tokens.make("access", user_id, session_id, uuid.uuid4()))


def set_password(settings: Settings, person: Person, password: str) -> tuple[str, str]:
    """Give an account a password with a cheap hash. Return the credentials to sign in with."""
    assert settings.database_url is not None
    with Session(engine_of(settings.database_url.get_secret_value())) as session:
        user = session.get_one(User, person.user_id)
        user.password_hash = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
        email = user.email
        session.commit()
    return email, password


# No password has this hash.
NO_PASSWORD = "$2b$04$" + "." * 53
_numbers = itertools.count(1)


@contextmanager
def client_of(url: httpx.URL, headers: dict[str, str] | None = None) -> Iterator[httpx.Client]:
    """Return a client of the server at this address."""
    with httpx.Client(base_url=url, timeout=20, headers=headers, verify=certificates()) as client:
        yield client


@contextmanager
def signed_in(client: httpx.Client, person: Person) -> Iterator[httpx.Client]:
    """Return a client of the same server for this account."""
    with client_of(client.base_url, person.headers) as own:
        yield own


@pytest.fixture
def anonymous(request: pytest.FixtureRequest, settings: Settings) -> Iterator[httpx.Client]:
    """Yield a client of a running server without a sign-in."""
    shared = _shared(request)
    with shared.client(settings) if shared else serving(create_app(settings)) as client:
        yield client


@pytest.fixture
def client(settings: Settings, anonymous: httpx.Client) -> Iterator[httpx.Client]:
    """Return a client of the same server that is signed in as a viewer."""
    with signed_in(anonymous, sign_in(settings)) as client:
        yield client


@pytest.fixture
def admin(settings: Settings, anonymous: httpx.Client) -> Iterator[httpx.Client]:
    """Return a client of the same server that is signed in as an admin."""
    with signed_in(anonymous, sign_in(settings, "admin")) as client:
        yield client


@pytest.fixture
def twins(shelf: Shelf) -> tuple[uuid.UUID, uuid.UUID]:
    """Add two titles with one file each, as an ingest does."""
    read = {"display_title": "One", "short_title": "One", "confidence": 0.9, "rule": "r", "date": None}
    return tuple(  # type: ignore[return-value]
        shelf.add(
            name,
            name=f"{name}.mp4".encode(),
            content_key=name,
            file={
                "title": read | {"display_title": name, "short_title": name},
                "content_key": name,
                "metadata_at": _NOW,
                "title_at": _NOW,
                "quality_at": _NOW,
            },
        )
        for name in ("One", "Two")
    )


_NOW = "2026-01-01T00:00:00Z"
