"""The users of a home. Each holds a lock on its own file, so that the list is correct after any crash."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployments.stack.layout import Layout
from deployments.stack.locks import is_free, opened, try_lock


@dataclass(frozen=True)
class StackUser:
    """A process that uses a home; `since` in UTC."""

    pid: int
    purpose: str
    since: dt.datetime


@contextmanager
def registered(layout: Layout, purpose: str) -> Iterator[None]:
    """Be in the list of users during the block; remove files of killed users. Enter it inside the gate."""
    for file in layout.users.iterdir():
        if is_free(file):
            file.unlink(missing_ok=True)
    file = layout.users / f"{os.getpid()}-{secrets.token_hex(4)}"
    with opened(file) as lock:
        try:
            try_lock(lock, fcntl.LOCK_EX)
            known = {"pid": os.getpid(), "purpose": purpose, "since": dt.datetime.now(dt.UTC).isoformat()}
            os.write(lock, json.dumps(known).encode())
            yield
        finally:
            file.unlink(missing_ok=True)


def current_users(layout: Layout) -> list[tuple[StackUser, Path]]:
    """Return the users and their lock files, the oldest first. Changes nothing."""
    files = layout.users.iterdir() if layout.users.is_dir() else ()
    found = [(user, file) for file in files if not is_free(file) and (user := _read(file)) is not None]
    return sorted(found, key=lambda pair: pair[0].since)


def _read(file: Path) -> StackUser | None:
    try:
        known = json.loads(file.read_text())
        return StackUser(known["pid"], known["purpose"], dt.datetime.fromisoformat(known["since"]))
    except (FileNotFoundError, ValueError):
        # The user has just left, or is just entering.
        return None
