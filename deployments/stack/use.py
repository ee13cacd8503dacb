"""Using the stack: whoever does holds a shared lock, starts a keeper when there is none, and heals one that was killed."""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.notices import notice, noticed
from deployments.stack.errors import StackError, explained, tail
from deployments.stack.layout import PREFECT, START_SECONDS, WORKER, Layout
from deployments.stack.locks import is_free, lock_within, opened
from deployments.stack.prefect_access import Access, access
from deployments.stack.prefect_server import noted_url
from deployments.stack.state import READY, Note, read_note
from deployments.stack.users import current_users, registered
from orchestration.home import embedded_prefect_auth

if TYPE_CHECKING:
    from pydantic import SecretStr

    from orchestration.settings import Settings

log = logging.getLogger(__name__)

_LEAVE_SECONDS = 60.0  # the keeper's ten for each server, and some
_REAP_SECONDS = 5.0
_LOOK_SECONDS = 0.02
_HEAL_SECONDS = (0.3, 30.0)  # between two looks after the keeper: at first, and after failures at most
_LARGEST_LOG = 10_000_000  # bytes

_SOURCES = str(Path(__file__).parents[2])
_started: dict[
    Path, subprocess.Popen[bytes]
] = {}  # by group, to be reaped: a keeper may outlive whoever started it


@dataclass(frozen=True)
class Stack:
    """The addresses of the servers in use, embedded or the user's own."""

    database_url: str
    redis_url: str


@contextmanager
def use_stack(settings: Settings, purpose: str) -> Iterator[Stack]:
    """Use the servers of a home; what the settings name is the user's own and is not started.

    Leaving as the last user waits until the servers have gone. Raises `StackError`.
    """
    layout = Layout(settings.home)
    own = {"postgres": _secret(settings.database_url), "redis": _secret(settings.redis_url)}
    parts = [name for name, url in own.items() if url is None]
    with ExitStack() as held:
        with explained(layout.home):
            urls = own | _enter(layout, purpose, parts, held)
        yield Stack(urls["postgres"] or "", urls["redis"] or "")


@contextmanager
def use_prefect(settings: Settings, purpose: str) -> Iterator[str]:
    """Use the Prefect server of a home, or the one that `PREFECT_API_URL` names; yields the address of its API.

    A server that does not respond is yielded all the same. Raises `StackError`, also if the server refuses
    our string.
    """
    if settings.prefect_api_url is not None and not is_own_prefect(settings):
        _expect_own_access(settings.prefect_api_url, prefect_auth(settings))
        yield settings.prefect_api_url
        return
    with _use_group(Layout(settings.home, PREFECT), purpose, "prefect-server") as url:
        _expect_embedded_access(settings.home, url)
        yield url


def prefect_auth(settings: Settings) -> str | None:
    """Return the authentication string for the Prefect server in use: that of the home for the embedded
    server, else `PREFECT_API_AUTH_STRING`."""
    if is_own_prefect(settings):
        return embedded_prefect_auth(settings.home)
    return _secret(settings.prefect_auth)


def _expect_own_access(url: str, auth: str | None) -> None:
    if access(url, auth) is Access.DENIED:
        what = "refuses PREFECT_API_AUTH_STRING" if auth else "requires an authentication string"
        raise StackError(
            f"the Prefect server at {url} {what}: set PREFECT_API_AUTH_STRING to the "
            "server's PREFECT_SERVER_API_AUTH_STRING"
        )


def _expect_embedded_access(home: Path, url: str) -> None:
    found = access(url, embedded_prefect_auth(home))
    if found is Access.OPEN:
        raise StackError(
            f"the Prefect server of {home} was started by an earlier version and accepts requests from every "
            "user of this machine: stop everything that uses it (`wsoptv down`), and start again"
        )
    if found is Access.DENIED:
        raise StackError(
            f"the Prefect server of {home} refuses the string in {home / 'secrets'}, which has changed since it "
            "was started: stop everything that uses it (`wsoptv down`), and start again"
        )


def is_own_prefect(settings: Settings) -> bool:
    """Whether flows go to the server of this home: none is named, or its own address is, for the sake of Prefect's command
    line."""
    if settings.prefect_api_url is None:
        return True
    return settings.prefect_api_url == noted_url(Layout(settings.home, PREFECT))


@contextmanager
def use_worker(settings: Settings, purpose: str) -> Iterator[None]:
    """Have a worker of this host wait for flow runs. Raises `StackError`."""
    with _use_group(Layout(settings.home, WORKER), purpose, "prefect-worker"):
        yield


@contextmanager
def _use_group(layout: Layout, purpose: str, part: str) -> Iterator[str]:
    with ExitStack() as held:
        with explained(layout.home):
            urls = _enter(layout, purpose, [part], held)
        yield urls[part]


def _secret(url: SecretStr | None) -> str | None:
    return url.get_secret_value() if url else None


def _enter(layout: Layout, purpose: str, parts: list[str], held: ExitStack) -> dict[str, str]:
    layout.make()
    if not parts:
        with layout.gate():
            held.enter_context(registered(layout, purpose))
        return {}
    held.callback(_leave, layout, parts)
    users = held.enter_context(opened(layout.users_lock))
    # Waits while a keeper is stopping.
    with noticed(f"waiting until {_named(parts)} stopped"):
        lock_within(
            users,
            fcntl.LOCK_SH,
            START_SECONDS,
            f"the servers of {layout.base} do not stop: see {layout.logs}",
        )
    with ExitStack() as passed:
        with noticed(f"waiting for {_named(parts)}"):
            passed.enter_context(layout.gate())
        held.enter_context(registered(layout, purpose))
        urls = ensure_keeper(layout, parts)
    held.enter_context(_healing(layout, parts))
    return urls


def _leave(layout: Layout, parts: list[str]) -> None:
    with noticed(f"stopping {_named(parts)}"):
        wait_until_gone(layout, _LEAVE_SECONDS)


_NAMES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "prefect-server": "Prefect",
    "prefect-worker": "a Prefect worker",
}


def _named(parts: list[str]) -> str:
    return " and ".join(_NAMES[part] for part in parts)


def ensure_keeper(layout: Layout, parts: list[str]) -> dict[str, str]:
    """Return the addresses of a living keeper's `parts`; start one when there is none. Inside the gate.

    Raises `StackError`.
    """
    note = _ready_note(layout, parts)
    if missing := [name for name in parts if name not in note.urls]:
        users = ", ".join(f"{user.purpose} (pid {user.pid})" for user, _file in current_users(layout))
        raise StackError(
            f"{layout.home} is in use without the embedded {' and '.join(missing)}, by {users}: use it with the "
            "same DATABASE_URL and REDIS_URL, or end what uses it first"
        )
    return {name: note.urls[name] for name in parts}


def _ready_note(layout: Layout, parts: list[str]) -> Note:
    """Wait until a keeper is ready; start one when there is none. Return its note."""
    deadline = time.monotonic() + START_SECONDS
    starting: _Starting | None = None
    with noticed(f"waiting for {_named(parts)}") as waiting:
        while (note := read_note(layout)) is None or note.state != READY:
            if starting is not None:
                starting.expect_alive()
            elif is_free(layout.keeper_lock):
                waiting.cancel()
                notice(f"starting {_named(parts)}")
                starting = _Starting(layout, parts)
            if time.monotonic() > deadline:
                raise StackError(f"the servers of {layout.base} do not come up: see {layout.logs}")
            time.sleep(_LOOK_SECONDS)
    return note


class _Starting:
    """A keeper of ours that is not ready yet."""

    def __init__(self, layout: Layout, parts: list[str]) -> None:
        layout.state.unlink(missing_ok=True)  # the note of one that was killed may say "ready"
        self._log = layout.keeper_log
        for log_file in (self._log, *(layout.logs / f"{server}.log" for server in parts)):
            _rotate(log_file)
        # Our own sources, whatever lies in the folder that we were called in.
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
        """Raises `StackError` with what the keeper said last when it has ended."""
        if self._process.poll() is not None:
            said = (
                tail(self._log, self._since)
                or f"the servers' keeper was killed as it started ({self._process.returncode})"
            )
            raise StackError(f"{said} (more in {self._log})")


def _rotate(path: Path) -> None:
    if path.exists() and path.stat().st_size > _LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))


@contextmanager
def _healing(layout: Layout, parts: list[str]) -> Iterator[None]:
    left = threading.Event()
    thread = threading.Thread(target=_heal, args=(layout, parts, left), name="stack-heal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()  # else it might start a keeper behind our back


def _heal(layout: Layout, parts: list[str], left: threading.Event) -> None:
    """Start a new keeper whenever the present one is killed, while we use the stack."""
    first, most = _HEAL_SECONDS
    pause = first
    while not left.wait(pause):
        try:
            if is_free(layout.keeper_lock):
                with layout.gate():
                    ensure_keeper(layout, parts)
                log.warning("the embedded servers were gone; they run again")
            pause = first
        except (StackError, OSError) as error:
            log.warning("the embedded servers are gone and cannot be started: %s", error)
            pause = min(2 * pause, most)


def wait_until_gone(layout: Layout, seconds: float) -> bool:
    """Wait for the keeper to end, unless somebody uses the home; answers whether it ended."""
    deadline = time.monotonic() + seconds
    while not is_free(layout.keeper_lock):
        if time.monotonic() > deadline or current_users(layout):
            return False
        time.sleep(_LOOK_SECONDS)
    _reap(layout)
    return True


def _reap(layout: Layout) -> None:
    """Take note of the end of a keeper of ours, once its lock is free."""
    if keeper := _started.pop(layout.base, None):
        with suppress(subprocess.TimeoutExpired):  # it has not had its lock yet
            keeper.wait(_REAP_SECONDS)
