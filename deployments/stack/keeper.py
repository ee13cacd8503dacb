"""The keeper: the process that starts a group of servers, restarts them, and stops them after the last user.

A lock shows when the last user has ended: users hold it shared, and the keeper waits for exclusive access.
The kernel releases the lock of any process that ends, so nothing has to be cleaned up after a kill -9.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from deployments.stack.errors import StackError, tail
from deployments.stack.groups import servers_of
from deployments.stack.layout import START_SECONDS, Layout
from deployments.stack.locks import lock_within, open_lock
from deployments.stack.server import Server
from deployments.stack.state import READY, KeeperNote

log = logging.getLogger("keeper")

_STOP_SECONDS = 10.0
# A process that checks whether a keeper runs holds its lock for a moment.
_LOCK_SECONDS = 5.0
# The keeper gives up after more crashes in this time.
_MOST_CRASHES, _CRASH_SECONDS = 10, 600.0
# Before a server is restarted: at first, and at most.
_PAUSE_SECONDS = (0.05, 2.0)


class Keeper:
    """Starts servers in order, restarts those that crash, and stops all in reverse order.

    Only the main thread starts children: they get a signal when the thread that started them ends.
    """

    def __init__(self, layout: Layout, data: Path, servers: Sequence[Server]) -> None:
        self._layout = layout
        self._data = data
        self._servers = servers
        self._running: dict[Server, subprocess.Popen[bytes]] = {}
        self._crashes: deque[float] = deque()
        # A server that ended; None: stop all.
        self._events: SimpleQueue[Server | None] = SimpleQueue()
        self._ending = False

    def run(self, users: int) -> None:
        """Run all servers until the lock `users` has no holder. Raises `StackError`."""
        threading.Thread(target=self._await_last_user, args=(users,), daemon=True).start()
        try:
            for server in self._servers:
                server.prepare()
            self._start(self._servers)
            while (ended := self._events.get()) is not None:
                self._restart(ended)
        finally:
            self._stop()

    def end(self) -> None:
        """Request the end; safe in a signal handler."""
        self._ending = True
        self._events.put(None)

    def _await_last_user(self, users: int) -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        self.end()

    def _start(self, servers: Sequence[Server]) -> None:
        for server in servers:
            with (self._layout.logs / f"{server.name}.log").open("ab") as output:
                since = output.tell()
                self._running[server] = server.start(output)
            threading.Thread(target=self._await_exit, args=(server,), daemon=True).start()
            self._await_ready(server, since)
        self._note(READY)

    def _await_exit(self, server: Server) -> None:
        self._running[server].wait()
        self._events.put(server)

    def _await_ready(self, server: Server, since: int) -> None:
        process, deadline = self._running[server], time.monotonic() + START_SECONDS
        while not server.is_ready(process) and not self._ending:
            if process.poll() is not None or time.monotonic() > deadline:
                path = self._layout.logs / f"{server.name}.log"
                raise StackError(f"{server.name} did not start:\n{tail(path, since)}\n(more in {path})")
            time.sleep(0.01)

    def _restart(self, server: Server) -> None:
        """Restart a server after a pause that grows with the crashes. Raises `StackError` after too many."""
        if self._running[server].poll() is None:
            # It was restarted already.
            return
        log.warning("%s ended unexpectedly (%s)", server.name, self._running[server].returncode)
        # On a full disk, users that enter meanwhile get the address of a server that does not respond yet.
        with suppress(OSError):
            self._note("healing")
        now = time.monotonic()
        self._crashes.append(now)
        while self._crashes[0] < now - _CRASH_SECONDS:
            self._crashes.popleft()
        if len(self._crashes) > _MOST_CRASHES:
            raise StackError(f"{server.name} crashes repeatedly: see {self._layout.logs}")
        first, most = _PAUSE_SECONDS
        time.sleep(min(first * 2 ** len(self._crashes), most))
        try:
            self._start([server])
        except StackError as error:
            # The end of its process is the next event.
            log.warning("%s", error)
        except OSError as error:
            log.warning("cannot start %s: %s", server.name, error)
            self._events.put(server)

    def _note(self, state: str) -> None:
        pids = {server.name: process.pid for server, process in self._running.items()}
        urls = {server.name: server.url for server in self._servers} if pids else {}
        KeeperNote(state, os.getpid(), str(self._data), urls, pids).write(self._layout)

    def _stop(self) -> None:
        """Stop all; kill those that do not stop in 10 s."""
        self._ending = True
        for server, process in reversed(self._running.items()):
            if process.poll() is None:
                server.stop(process)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop and is killed", server.name)
                process.kill()
                process.wait()
            server.end_leftovers()


def main() -> None:
    """Run a group of servers of a home (`keeper HOME GROUP PART…`) until its last user ends."""
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(message)s", level=logging.INFO)
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGHUP):
        # These signals are meant for users of the home.
        signal.signal(number, signal.SIG_IGN)
    layout, parts = Layout(Path(sys.argv[1]), sys.argv[2]), sys.argv[3:]
    try:
        # Never closed, so that the lock is released only when the process ends.
        keeper_lock, users = open_lock(layout.keeper_lock), open_lock(layout.users_lock)
        lock_within(keeper_lock, fcntl.LOCK_EX, _LOCK_SECONDS, f"{layout.base} already has a keeper")
        _keep(layout, parts, users)
    except (StackError, OSError) as error:
        sys.exit(str(error))


def _keep(layout: Layout, parts: Sequence[str], users: int) -> None:
    KeeperNote("starting", os.getpid()).write(layout)
    try:
        with servers_of(layout, parts) as (data, servers):
            keeper = Keeper(layout, data, servers)
            signal.signal(signal.SIGTERM, lambda _number, _frame: keeper.end())
            keeper.run(users)
    finally:
        layout.state.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
