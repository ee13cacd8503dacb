"""Notices of a command on standard error: what it is waiting for, if that takes more than a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import click

Show = Callable[[str], None]

SECONDS = 1.0
"""A wait that is shorter is not worth a notice."""


def _nowhere(_message: str) -> None: ...


# Threads that a command starts have no notices: it does not wait for them.
_show: ContextVar[Show] = ContextVar("show", default=_nowhere)


@contextmanager
def shown_notices(*, quiet: bool) -> Iterator[None]:
    """Show the notices of the block on standard error; `quiet`: show none."""
    token = _show.set(_nowhere if quiet else _on_stderr)
    try:
        yield
    finally:
        _show.reset(token)


def _on_stderr(message: str) -> None:
    click.echo(f"wsoptv: {message}", err=True)


def notice(message: str) -> None:
    """Show what is happening."""
    _show.get()(message)


@contextmanager
def notice_if_slow(message: str, show: Show | None = None) -> Iterator[threading.Timer]:
    """Show what is happening if the block takes more than a second, unless the block cancels the timer.

    `show` is `current_notices()` of the command, for threads of its job.
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
