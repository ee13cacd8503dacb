"""Folders of unfinished exports and backups, and their removal after the process that wrote them was killed.

Each has a record in the home, which the writing process keeps locked. The kernel releases the lock however
the process ends, so a record that can be locked is abandoned. The folder's name contains the random name of
its record: nothing else is removed.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

log = logging.getLogger(__name__)

PART = ".part"
# A folder in the home.
_RECORDS = "unfinished"
_RECORD = re.compile(r"[0-9a-f]{32}")
# Seconds after which the record of a folder that was not found, because its disk is not mounted, is removed.
_FORGOTTEN = 90 * 86_400.0


@contextmanager
def unfinished(final: Path, home: Path | None) -> Iterator[Path]:
    """Make an empty folder beside `final` that only its owner may enter, and remove it if the block fails.

    Without a `home`, a process that is killed leaves it behind. Raise OSError.
    """
    token = uuid.uuid4().hex
    part = Path(os.path.abspath(final)).parent / f".{final.name}.{token}{PART}"
    with _recorded(part, token, home):
        part.mkdir(mode=0o700)
        try:
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


@contextmanager
def _recorded(part: Path, token: str, home: Path | None) -> Iterator[None]:
    if home is None:
        yield
        return
    records = home / _RECORDS
    records.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = records / token
    descriptor = os.open(record, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, json.dumps(os.fspath(part)).encode())
        os.fsync(descriptor)
        yield
    finally:
        if not os.path.lexists(part):
            record.unlink(missing_ok=True)
        os.close(descriptor)


def remove_abandoned(home: Path) -> list[Path]:
    """Remove and return the folders of killed processes. Those of living processes stay."""
    removed = []
    for record in _records(home):
        with suppress(OSError), _locked(record) as content:
            if content is not None and (part := _remove(record, content)):
                removed.append(part)
    return removed


def _records(home: Path) -> list[Path]:
    try:
        return sorted(path for path in (home / _RECORDS).iterdir() if _RECORD.fullmatch(path.name))
    except OSError:
        return []


@contextmanager
def _locked(record: Path) -> Iterator[bytes | None]:
    """Yield the content of a record, or None while its writing process lives."""
    descriptor = os.open(record, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield os.read(descriptor, 65_536)
    finally:
        os.close(descriptor)


def _remove(record: Path, content: bytes) -> Path | None:
    part = _named(record.name, content)
    if part is None or not _is_own_folder(part):
        # Its disk may not be mounted, or its process was killed before it made the folder.
        if time.time() - record.stat().st_mtime > _FORGOTTEN:
            record.unlink(missing_ok=True)
        return None
    try:
        shutil.rmtree(part)
    except OSError as error:
        log.warning("%s, left by a command that was killed, cannot be removed: %s", part, error)
        return None
    record.unlink(missing_ok=True)
    log.info("removed %s, left by a command that was killed", part)
    return part


def _named(token: str, content: bytes) -> Path | None:
    """Return the folder that a record names, or None if it is not one of ours."""
    try:
        path = Path(json.loads(content))
    except (ValueError, TypeError):
        return None
    ours = path.is_absolute() and path.name.startswith(".") and path.name.endswith(f".{token}{PART}")
    return path if ours else None


def _is_own_folder(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
