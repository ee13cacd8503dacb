"""Using the stack: whoever does holds a shared lock, starts a keeper when there is none, and heals one that was killed."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.stack.errors import StackError, home_errors
from deployments.stack.keeper_process import display_names, ensure_keeper, healing, wait_for_keeper_end
from deployments.stack.layout import PREFECT, START_SECONDS, WORKER, Layout
from deployments.stack.locks import lock_within, opened
from deployments.stack.prefect_access import Access, access
from deployments.stack.prefect_server import noted_url
from deployments.stack.users import registered
from deployments.terminal.notices import notice_if_slow
from orchestration.home import embedded_prefect_auth

if TYPE_CHECKING:
    from pydantic import SecretStr

    from orchestration.settings import Settings

_LEAVE_SECONDS = 60.0  # the keeper's ten for each server, and some


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
        with home_errors(layout.home):
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
        with home_errors(layout.home):
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
    with notice_if_slow(f"waiting until {display_names(parts)} stopped"):
        lock_within(
            users,
            fcntl.LOCK_SH,
            START_SECONDS,
            f"the servers of {layout.base} do not stop: see {layout.logs}",
        )
    with ExitStack() as passed:
        with notice_if_slow(f"waiting for {display_names(parts)}"):
            passed.enter_context(layout.gate())
        held.enter_context(registered(layout, purpose))
        urls = ensure_keeper(layout, parts)
    held.enter_context(healing(layout, parts))
    return urls


def _leave(layout: Layout, parts: list[str]) -> None:
    with notice_if_slow(f"stopping {display_names(parts)}"):
        wait_for_keeper_end(layout, _LEAVE_SECONDS)
