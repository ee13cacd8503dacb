"""An archive for tests, and its ingest."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from catalog_models.engine import make_engine
from catalog_models.tables import Actor, Content, MediaFile
from flows.ingest.scan import ScanOptions, Target
from flows.ingest.summary import Summary
from flows.job.context import JobContext, NoProgress, Progress
from flows.job.executor import run_in_threads
from orchestration.events import Event
from orchestration.settings import Settings
from orchestration.transactions import Transaction, Transactions
from tasks.catalogue.edits import ChangedTitle
from tasks.media.pool import MediaPool

_RECIPES = {
    "mp4": [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "10",
        "-c:a",
        "aac",
        "-movflags",
        "+faststart",
    ],
    "mkv": ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-c:a", "aac"],
    "mxf": ["-c:v", "mpeg2video", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"],
}
ANN = Actor("ann")
# An mtime in the past.
_SETTLED = 1_500_000_000


@dataclass
class Archive:
    """A folder of videos. Each has unique bytes unless it is `like` another."""

    root: Path
    clips: dict[str, bytes]
    made: int = 0

    def put(self, name: str | bytes, content: bytes | None = None) -> Path:
        """Add or replace a file; without `content`, a real video of the type of its extension."""
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.root), os.fsencode(name))))
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            content = self.video(path.suffix[1:].lower())
        path.write_bytes(content)
        self.made += 1
        os.utime(path, (_SETTLED + self.made, _SETTLED + self.made))
        return path

    def video(self, kind: str = "mp4") -> bytes:
        """Return a unique video: it has padding that demuxers skip."""
        mark = struct.pack(">Q", self.made)
        clip = self.clips[kind]
        if kind == "mp4":
            return clip + struct.pack(">I4s", 16, b"free") + mark
        if kind == "mkv":
            return clip + b"\xec\x88" + mark
        return clip + bytes.fromhex("060e2b34010101020301021001000000") + b"\x08" + mark


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("clips")
    made = {}
    for kind, options in _RECIPES.items():
        out = folder / f"clip.{kind}"
        source = ["-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=2", "-f", "lavfi", "-i", "sine=r=48000:d=2"]
        subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *options, str(out)], check=True
        )
        made[kind] = out.read_bytes()
    return made


@pytest.fixture
def archive(tmp_path: Path, clips: dict[str, bytes]) -> Archive:
    root = tmp_path / "archive"
    root.mkdir()
    return Archive(root, clips)


@pytest.fixture(scope="session")
def pool() -> Iterator[MediaPool]:
    with MediaPool(2) as pool:
        yield pool


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url.get_secret_value())
    yield engine
    engine.dispose()


def ingest_roots(context: JobContext, roots: Sequence[bytes], **options: Any) -> Summary:
    """Ingest roots without Prefect."""
    from flows.ingest_archive import ingest

    targets = [Target(root, ScanOptions(**{"settle": 0, **options})) for root in roots]
    return run_in_threads(context, lambda steps: ingest(steps, targets))


@dataclass
class Ingest:
    """Runs the ingest, and reads its results."""

    settings: Settings
    engine: Engine
    pool: MediaPool
    events: list[Event] = field(default_factory=list)

    def __call__(self, root: Path | str, progress: Progress | None = None, **options: Any) -> Summary:
        self.events.clear()
        transactions = Transactions(self.engine, self.events.append, patience=20)
        context = JobContext(self.settings, transactions, self.pool, progress or NoProgress())
        return ingest_roots(context, [os.fsencode(root)], **options)

    def settle(self, work: Callable[[Session], ChangedTitle]) -> ChangedTitle:
        """Edit a title as a user, in a transaction."""
        self.events.clear()

        def step(transaction: Transaction) -> ChangedTitle:
            settled = work(transaction.session)
            transaction.announce(*settled.events)
            return settled

        return Transactions(self.engine, self.events.append).run(step)

    def session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def rows(self, model: type[Any], *where: Any) -> list[Any]:
        with self.session() as session:
            return list(session.scalars(select(model).where(*where).order_by(*model.__table__.primary_key)))

    def file(self, path: str) -> MediaFile:
        (row,) = self.rows(MediaFile, MediaFile.path_text == path)
        assert isinstance(row, MediaFile)
        return row

    def titles(self) -> dict[str, Content]:
        return {row.title: row for row in self.rows(Content, Content.is_visible)}


@pytest.fixture
def ingest(settings: Settings, engine: Engine, pool: MediaPool) -> Ingest:
    return Ingest(settings, engine, pool)


@pytest.fixture
def attributes() -> Callable[[Path], dict[str, tuple[int, ...]]]:
    """Return all attributes except atime of all files below a folder."""

    def read(root: Path) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for path in [root, *sorted(root.rglob("*"))]:
            s = path.lstat()
            found[str(path)] = (
                s.st_mode,
                s.st_ino,
                s.st_nlink,
                s.st_uid,
                s.st_gid,
                s.st_size,
                s.st_mtime_ns,
                s.st_ctime_ns,
            )
        return found

    return read
