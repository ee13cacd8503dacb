"""Processor time and bytes per second of a video sent to players that seek."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import httpx
import psutil
from sqlalchemy.orm import Session

from benchmarks.home import BenchHome, bench_home
from benchmarks.load import Target, play
from benchmarks.processes import ready_line, running
from benchmarks.results import Result
from catalog_models.tables import Content, MediaFile, Root
from catalog_models.writes import users

# Size in bytes of the video, which stays in the page cache.
SIZE = 256 << 20

_SERVE = (str(Path(sys.executable).with_name("wsoptv")), "serve", "--port", "0")


@dataclass(frozen=True)
class Server:
    """A running API."""

    port: int
    process: psutil.Process


def measure(_archive: Path) -> list[Result]:
    """Request ranges of 1 MiB at random offsets from one server process, by 16 clients."""
    with bench_home("streaming") as home:
        film = add_film(home)
        with served(home) as server:
            token = sign_in(home, server)
            targets = {
                "by a playback URL": Target(server.port, start(server, film, token), SIZE),
                "by a token": Target(server.port, f"/api/stream/{film}", SIZE, bearer(token)),
            }
            return [result for way, target in targets.items() for result in _figures(way, target, server)]


def _figures(way: str, target: Target, server: Server) -> list[Result]:
    play(target, server.process, seconds=1)
    load = play(target, server.process)
    return [
        Result(f"processor time of the server for 1 GB, {way}", load.cpu_per_gb, None, "s", 1.3),
        Result(f"bytes per second, {way}", load.rate / 1e6, None, "MB/s", None),
    ]


def add_film(home: BenchHome) -> uuid.UUID:
    """Add a playable video of `SIZE` random bytes; return the id of its title."""
    folder = home.settings.home / "archive"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(os.urandom(SIZE))
    with Session(home.transactions.engine) as session:
        root = Root(path=bytes(folder), path_text=str(folder))
        film = Content(title="Film", short_title="Film", content_key="film", is_visible=True, status="ready")
        session.add_all([root, film])
        session.flush()
        file = MediaFile(
            root_id=root.id, content_id=film.id, path=b"film.mp4", path_text="film.mp4", size=SIZE
        )
        file.mtime_ns, file.container, file.playability = 0, "mp4", "direct"
        session.add(file)
        session.flush()
        film.best_file_id = file.id
        session.commit()
        return film.id


@contextmanager
def served(home: BenchHome, command: Sequence[str] = _SERVE, **environment: str) -> Iterator[Server]:
    """Run `wsoptv serve`, or another command that prints READY and an address, on the servers of this home.

    Raises `RuntimeError` if it does not print them.
    """
    database, redis = home.settings.database_url, home.settings.redis_url
    assert database
    assert redis
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-serve-") as folder:
        own = {
            "WSOPTV_HOME": folder,
            "DATABASE_URL": database.get_secret_value(),
            "REDIS_URL": redis.get_secret_value(),
            "JWT_SECRET_KEY": secrets.token_hex(32),
        }
        with running(command, own | environment, output=True) as process:
            port = int(ready_line(process).rpartition(":")[2])
            yield Server(port, psutil.Process(process.pid))


def sign_in(home: BenchHome, server: Server) -> str:
    """Create an account and return its access token."""
    password = secrets.token_hex(16)
    with Session(home.transactions.engine) as session:
        hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
        users.create(
            session, email="player@example.com", username="player", password_hash=hashed, approved=True
        )
        session.commit()
    answer = httpx.post(
        f"http://127.0.0.1:{server.port}/api/auth/login",
        json={"email": "player@example.com", "password": password},
    )
    token: str = answer.raise_for_status().json()["access_token"]
    return token


def start(server: Server, film: uuid.UUID, token: str) -> str:
    """Start a playback session; return the path of its URL."""
    url = f"http://127.0.0.1:{server.port}/api/stream/{film}/start"
    answer = httpx.post(url, headers=bearer(token)).raise_for_status().json()
    path: str = answer["playback_url"]
    return path


def bearer(token: str) -> dict[str, str]:
    """Return the headers of a signed-in program."""
    return {"Authorization": f"Bearer {token}"}
