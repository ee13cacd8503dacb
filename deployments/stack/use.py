"""The users of servers: they hold a shared lock, start a keeper if none runs, and replace a killed one."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.stack.errors import StackError, home_errors
from deployments.stack.keeper_process import display_names, ensure_keeper, keeper_watch, wait_for_keeper_end
from deployments.stack.layout import PREFECT, START_SECONDS, WORKER, Layout
from deployments.stack.locks import lock_within, opened
from deployments.stack.prefect_access import Access, access
from deployments.stack.prefect_server import recorded_url
from deployments.stack.users import registered
from deployments.terminal.notices import notice_if_slow
from orchestration.home import embedded_prefect_auth

if TYPE_CHECKING:
    from pydantic import SecretStr

    from orchestration.settings import Settings

# The keeper takes up to ten seconds for each server.
_LEAVE_SECONDS = 60.0


@dataclass(frozen=True)
class Stack:
    """The addresses of the servers in use, embedded or external."""

    database_url: str
    redis_url: str


@contextmanager
def use_stack(settings: Settings, purpose: str) -> Iterator[Stack]:
    """Use the servers of a home. A server that the settings name is external and is not started.

    The last user waits at the end until the embedded servers have stopped. Raises `StackError`.
    """
    layout = Layout(settings.home)
    external = {"postgres": _secret(settings.database_url), "redis": _secret(settings.redis_url)}
    parts = [name for name, url in external.items() if url is None]
    with ExitStack() as held:
        with home_errors(layout.home):
            urls = external | _enter(layout, purpose, parts, held)
        yield Stack(urls["postgres"] or "", urls["redis"] or "")


@contextmanager
def use_prefect(settings: Settings, purpose: str) -> Iterator[str]:
    """Use the Prefect server of a home, or that of `PREFECT_API_URL`; yield the address of its API.

    An external server need not respond. Raises `StackError`, also if a server refuses our string.
    """
    if settings.prefect_api_url is not None and not is_own_prefect(settings):
        _expect_external_access(settings.prefect_api_url, prefect_auth(settings))
        yield settings.prefect_api_url
        return
    with _use_group(Layout(settings.home, PREFECT), purpose, "prefect-server") as url:
        _expect_embedded_access(settings.home, url)
        yield url


def prefect_auth(settings: Settings) -> str | None:
    """Return the authentication string for the Prefect server in use.

    It is that of the home for the embedded server, else `PREFECT_API_AUTH_STRING`.
    """
    if is_own_prefect(settings):
        return embedded_prefect_auth(settings.home)
    return _secret(settings.prefect_auth)


def _expect_external_access(url: str, auth: str | None) -> None:
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
            f"the Prefect server of {home} refuses the string in {home / 'secrets'}, which has changed since its "
            "start: stop everything that uses it (`wsoptv down`), and start again"
        )


def is_own_prefect(settings: Settings) -> bool:
    """Return whether the Prefect server in use is that of this home.

    `PREFECT_API_URL` may hold its address, for Prefect's own command line.
    """
    if settings.prefect_api_url is None:
        return True
    return settings.prefect_api_url == recorded_url(Layout(settings.home, PREFECT))


@contextmanager
def use_worker(settings: Settings, purpose: str) -> Iterator[None]:
    """Run a worker on this host during the block. Raises `StackError`."""
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
    with notice_if_slow(f"waiting for {display_names(parts)} to stop"):
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
    held.enter_context(keeper_watch(layout, parts))
    return urls


def _leave(layout: Layout, parts: list[str]) -> None:
    with notice_if_slow(f"stopping {display_names(parts)}"):
        wait_for_keeper_end(layout, _LEAVE_SECONDS)
