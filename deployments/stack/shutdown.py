"""Ending what serves, for `wsoptv down`."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deployments.stack.errors import StackError, home_errors
from deployments.stack.keeper_process import wait_for_keeper_end
from deployments.stack.layout import GROUPS, Layout
from deployments.stack.locks import is_free
from deployments.stack.users import StackUser, current_users

if TYPE_CHECKING:
    from orchestration.settings import Settings

SERVERS = ("up", "demo", "serve")  # the purposes that are ended; never an ingest, which ends by itself


@dataclass(frozen=True)
class Shutdown:
    """What `shut_down` ended, and who still uses the home."""

    ended: tuple[StackUser, ...]
    remaining: tuple[StackUser, ...]


def shut_down(settings: Settings, seconds: float = 40.0) -> Shutdown:
    """End `up`, `demo` and `serve`, wait for them and, when nobody is left, for the embedded servers to go.

    The order is that of the locks: worker, Prefect server, databases.

    Raises `StackError` when the servers stay although nobody uses them.
    """
    layout = Layout(settings.home)
    with home_errors(layout.home):
        deadline = time.monotonic() + seconds
        serving = [(user, file) for user, file in current_users(layout) if user.purpose in SERVERS]
        for user, _file in serving:
            with suppress(ProcessLookupError):
                os.kill(user.pid, signal.SIGTERM)
                # A stopped process (Ctrl-Z) does not handle a signal until it continues.
                os.kill(user.pid, signal.SIGCONT)
        while any(not is_free(file) for _user, file in serving) and time.monotonic() < deadline:
            time.sleep(0.05)
        groups = [
            Layout(settings.home, group) for group in reversed(GROUPS)
        ]  # a worker uses the databases, too
        gone = [wait_for_keeper_end(group, deadline - time.monotonic()) for group in groups]
        if not all(gone) and not any(current_users(group) for group in groups):
            raise StackError(
                f"the servers of {layout.home} did not stop in {seconds:.0f} s: see {layout.logs}"
            )
        remaining = tuple(user for user, _file in current_users(layout))
    return Shutdown(tuple(user for user, _file in serving if user not in remaining), remaining)
