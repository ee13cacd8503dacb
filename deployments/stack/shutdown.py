"""The shutdown of a home, for `wsoptv down`."""

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

# The purposes that are ended. An ingest ends by itself.
SERVERS = ("up", "demo", "serve")


@dataclass(frozen=True)
class Shutdown:
    """The processes that `shut_down` ended, and those that still use the home."""

    ended: tuple[StackUser, ...]
    remaining: tuple[StackUser, ...]


def shut_down(settings: Settings, seconds: float = 40.0) -> Shutdown:
    """End `up`, `demo` and `serve`; if no user remains, wait until the embedded servers stop.

    They stop in the order of their locks: worker, Prefect server, databases. Raises `StackError` if they do
    not stop although they have no user.
    """
    layout = Layout(settings.home)
    with home_errors(layout.home):
        deadline = time.monotonic() + seconds
        serving = [(user, file) for user, file in current_users(layout) if user.purpose in SERVERS]
        for user, _file in serving:
            with suppress(ProcessLookupError):
                os.kill(user.pid, signal.SIGTERM)
                # A stopped process (Ctrl-Z) handles no signal until it continues.
                os.kill(user.pid, signal.SIGCONT)
        while any(not is_free(file) for _user, file in serving) and time.monotonic() < deadline:
            time.sleep(0.05)
        # In reverse, because a worker uses the databases.
        groups = [Layout(settings.home, group) for group in reversed(GROUPS)]
        stopped = [wait_for_keeper_end(group, deadline - time.monotonic()) for group in groups]
        if not all(stopped) and not any(current_users(group) for group in groups):
            raise StackError(
                f"the servers of {layout.home} did not stop in {seconds:.0f} s: see {layout.logs}"
            )
        remaining = tuple(user for user, _file in current_users(layout))
    return Shutdown(tuple(user for user, _file in serving if user not in remaining), remaining)
