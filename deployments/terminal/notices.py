"""Notices of a command on standard error: the reason for a wait of more than a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import click

Show = Callable[[str], None]

SECONDS = 1.0
"""Shorter waits are not worth a notice."""


def _nowhere(_message: str) -> None: ...


# Threads of a command show no notices, because the command does not wait for them.
_show: ContextVar[Show] = ContextVar("show", default=_nowhere)


@contextmanager
def shown_notices(*, quiet: bool) -> Iterator[None]:
    """Show the notices of the block on standard error, or none if `quiet`."""
    token = _show.set(_nowhere if quiet else _on_stderr)
    try:
        yield
    finally:
        _show.reset(token)


def _on_stderr(message: str) -> None:
    click.echo(f"wsoptv: {message}", err=True)


def notice(message: str) -> None:
    """Show a notice at once."""
    _show.get()(message)


@contextmanager
def notice_if_slow(message: str, show: Show | None = None) -> Iterator[threading.Timer]:
    """Show a notice if the block takes more than a second, unless the block cancels the yielded timer.

    Threads of a job pass the `current_notices()` of its command as `show`.
    """
    timer = threading.Timer(SECONDS, show or _show.get(), [message])
    timer.daemon = True
    timer.start()
    try:
        yield timer
    finally:
        timer.cancel()


def current_notices() -> Show:
    """Return the function that shows notices of this command."""
    return _show.get()
