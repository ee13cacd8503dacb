"""Ending what serves, for `wsoptv down`."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployments.stack.errors import StackError, explained
from deployments.stack.layout import Layout
from deployments.stack.locks import is_free
from deployments.stack.use import wait_until_gone
from deployments.stack.users import StackUser, current_users

if TYPE_CHECKING:
    from orchestration.settings import Settings

SERVERS = ("up", "demo", "serve")  # the purposes that are ended; never an ingest, which ends by itself


@dataclass(frozen=True)
class Ended:
    """What `end_servers` ended, and who still uses the home."""

    ended: tuple[StackUser, ...]
    remaining: tuple[StackUser, ...]


def end_servers(settings: Settings, seconds: float = 40.0) -> Ended:
    """End `up`, `demo` and `serve`, wait for them and, when nobody is left, for the embedded servers to go.

    Raises `StackError` when the servers stay although nobody uses them.
    """
    layout = Layout(settings.home)
    with explained(layout.home):
        deadline = time.monotonic() + seconds
        serving = [(user, file) for user, file in current_users(layout) if user.purpose in SERVERS]
        for user, _file in serving:
            with suppress(ProcessLookupError):
                os.kill(user.pid, signal.SIGTERM)
        while any(not is_free(file) for _user, file in serving) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not wait_until_gone(layout, deadline - time.monotonic()) and not current_users(layout):
            raise StackError(
                f"the servers of {layout.home} did not stop in {seconds:.0f} s: see {layout.logs}"
            )
        remaining = tuple(user for user, _file in current_users(layout))
    return Ended(tuple(user for user, _file in serving if user not in remaining), remaining)
