"""The keeper as its users see it: start one, wait until it is ready, replace one that was killed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deployments.stack.errors import StackError, tail
from deployments.stack.layout import START_SECONDS, Layout
from deployments.stack.locks import is_free
from deployments.stack.state import READY, KeeperNote, read_note
from deployments.stack.users import current_users
from deployments.terminal.notices import notice, notice_if_slow

log = logging.getLogger(__name__)

_REAP_SECONDS = 5.0
_POLL_SECONDS = 0.02
# Between two checks of the keeper: at first, and at most after failures.
_CHECK_SECONDS = (0.3, 30.0)
# Bytes.
_LARGEST_LOG = 10_000_000

_SOURCES = str(Path(__file__).parents[2])
# By the folder of the group. They are reaped here; a keeper may outlive the process that started it.
_started: dict[Path, subprocess.Popen[bytes]] = {}

_NAMES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "prefect-server": "Prefect",
    "prefect-worker": "a Prefect worker",
}


def display_names(parts: list[str]) -> str:
    """Return the names of servers for messages."""
    return " and ".join(_NAMES[part] for part in parts)


def ensure_keeper(layout: Layout, parts: list[str]) -> dict[str, str]:
    """Return the addresses of `parts`; start a keeper if none runs. Call it inside the gate.

    Raises `StackError`.
    """
    note = _ready_note(layout, parts)
    if missing := [name for name in parts if name not in note.urls]:
        users = ", ".join(f"{user.purpose} (pid {user.pid})" for user, _file in current_users(layout))
        raise StackError(
            f"{layout.home} is in use without the embedded {' and '.join(missing)}, by {users}: use it with the "
            "same DATABASE_URL and REDIS_URL, or end those processes first"
        )
    return {name: note.urls[name] for name in parts}


def _ready_note(layout: Layout, parts: list[str]) -> KeeperNote:
    """Wait until a keeper is ready, and return its note; start one if none runs."""
    deadline = time.monotonic() + START_SECONDS
    starting: _Starting | None = None
    with notice_if_slow(f"waiting for {display_names(parts)}") as waiting:
        while (note := read_note(layout)) is None or note.state != READY:
            if starting is not None:
                starting.expect_alive()
            elif is_free(layout.keeper_lock):
                waiting.cancel()
                notice(f"starting {display_names(parts)}")
                starting = _Starting(layout, parts)
            if time.monotonic() > deadline:
                raise StackError(f"the servers of {layout.base} do not start: see {layout.logs}")
            time.sleep(_POLL_SECONDS)
    return note


class _Starting:
    """A keeper that this process has started and that is not ready yet."""

    def __init__(self, layout: Layout, parts: list[str]) -> None:
        # A killed keeper may have left a note with the state `ready`.
        layout.state.unlink(missing_ok=True)
        self._log = layout.keeper_log
        for log_file in (self._log, *(layout.logs / f"{server}.log" for server in parts)):
            _rotate(log_file)
        # The sources of this package, not those of the working directory.
        path = os.pathsep.join(filter(None, (_SOURCES, os.environ.get("PYTHONPATH"))))
        with self._log.open("ab") as output:
            self._since = output.tell()
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "deployments.stack.keeper",
                    str(layout.home),
                    layout.group,
                    *parts,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                env=os.environ | {"PYTHONPATH": path},
            )
        _reap(layout)
        _started[layout.base] = self._process

    def expect_alive(self) -> None:
        """Raise `StackError` with the keeper's last output if it has ended."""
        if self._process.poll() is not None:
            output = (
                tail(self._log, self._since)
                or f"the keeper of the servers was killed while it started ({self._process.returncode})"
            )
            raise StackError(f"{output} (more in {self._log})")


def _rotate(path: Path) -> None:
    if path.exists() and path.stat().st_size > _LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))


@contextmanager
def keeper_watch(layout: Layout, parts: list[str]) -> Iterator[None]:
    """Replace a killed keeper during the block."""
    left = threading.Event()
    thread = threading.Thread(target=_watch, args=(layout, parts, left), name="keeper-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        # Otherwise it might start another keeper.
        thread.join()


def _watch(layout: Layout, parts: list[str], left: threading.Event) -> None:
    """Start a new keeper each time the current one is killed, until `left` is set."""
    first, most = _CHECK_SECONDS
    pause = first
    while not left.wait(pause):
        try:
            if is_free(layout.keeper_lock):
                with layout.gate():
                    ensure_keeper(layout, parts)
                log.warning("the embedded servers had stopped; they run again")
            pause = first
        except (StackError, OSError) as error:
            log.warning("the embedded servers have stopped and cannot be started: %s", error)
            pause = min(2 * pause, most)


def wait_for_keeper_end(layout: Layout, seconds: float) -> bool:
    """Wait until the keeper ends, unless the home has users; return whether it ended."""
    deadline = time.monotonic() + seconds
    while not is_free(layout.keeper_lock):
        if time.monotonic() > deadline or current_users(layout):
            return False
        time.sleep(_POLL_SECONDS)
    _reap(layout)
    return True


def _reap(layout: Layout) -> None:
    """Reap a keeper that this process started, once its lock is free."""
    if keeper := _started.pop(layout.base, None):
        # It may not have taken its lock yet.
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_REAP_SECONDS)
