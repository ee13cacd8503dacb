"""The keeper: one process a running stack. It starts the servers, looks after them, and stops them after the last user.

It learns of the last user's end by a lock: users hold it shared, the keeper waits to have it alone. The kernel lets a
lock go however a process ends, so a kill -9 needs no clean-up by anybody.
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
_LOCK_SECONDS = 5.0  # who asks whether a keeper lives holds its lock for a moment
_MOST_DEATHS, _DEATHS_SECONDS = 10, 600.0  # so many in so long are too many
_PAUSE_SECONDS = (0.05, 2.0)  # before a server is started again: at first, and at most


class Keeper:
    """Starts servers in their order, restarts what dies, stops all in the opposite order.

    Children are started by the main thread only: they get a signal when the thread that started them ends.
    """

    def __init__(self, layout: Layout, data: Path, servers: Sequence[Server]) -> None:
        self._layout = layout
        self._data = data
        self._servers = servers
        self._running: dict[Server, subprocess.Popen[bytes]] = {}
        self._deaths: deque[float] = deque()
        self._events: SimpleQueue[Server | None] = SimpleQueue()  # a server that died; None: the end
        self._ending = False

    def run(self, users: int) -> None:
        """Start all, look after them until nobody holds the lock `users` any more, stop all. Raises `StackError`."""
        threading.Thread(target=self._await_last_user, args=(users,), daemon=True).start()
        try:
            for server in self._servers:
                server.prepare()
            self._start(self._servers)
            while (dead := self._events.get()) is not None:
                self._heal(dead)
        finally:
            self._stop()

    def end(self) -> None:
        """Stop soon; safe in a signal handler."""
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
            threading.Thread(target=self._await_death, args=(server,), daemon=True).start()
            self._await_ready(server, since)
        self._note(READY)

    def _await_death(self, server: Server) -> None:
        self._running[server].wait()
        self._events.put(server)

    def _await_ready(self, server: Server, since: int) -> None:
        process, deadline = self._running[server], time.monotonic() + START_SECONDS
        while not server.is_ready(process) and not self._ending:
            if process.poll() is not None or time.monotonic() > deadline:
                path = self._layout.logs / f"{server.name}.log"
                raise StackError(f"{server.name} did not start:\n{tail(path, since)}\n(more in {path})")
            time.sleep(0.01)

    def _heal(self, server: Server) -> None:
        """Start a dead server again, after a pause that grows with the deaths. Raises `StackError` after too many."""
        if self._running[server].poll() is None:
            return  # started again already
        log.warning("%s died (%s)", server.name, self._running[server].returncode)
        with suppress(OSError):  # a full disk; whoever enters meanwhile only waits less
            self._note("healing")
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - _DEATHS_SECONDS:
            self._deaths.popleft()
        if len(self._deaths) > _MOST_DEATHS:
            raise StackError(f"{server.name} dies again and again: see {self._layout.logs}")
        first, most = _PAUSE_SECONDS
        time.sleep(min(first * 2 ** len(self._deaths), most))
        try:
            self._start([server])
        except StackError as error:  # its end is the next event
            log.warning("%s", error)
        except OSError as error:
            log.warning("%s cannot be started: %s", server.name, error)
            self._events.put(server)

    def _note(self, state: str) -> None:
        pids = {server.name: process.pid for server, process in self._running.items()}
        urls = {server.name: server.url for server in self._servers} if pids else {}
        KeeperNote(state, os.getpid(), str(self._data), urls, pids).write(self._layout)

    def _stop(self) -> None:
        """Stop all; what has not gone in 10 s is killed."""
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
    """Keep a group of servers of a home, `keeper HOME GROUP PART…`, until its last user has gone."""
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(message)s", level=logging.INFO)
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they are meant for users
    layout, parts = Layout(Path(sys.argv[1]), sys.argv[2]), sys.argv[3:]
    try:
        # Never closed: the lock is free when the process is gone, not a moment before.
        keeper_lock, users = open_lock(layout.keeper_lock), open_lock(layout.users_lock)
        lock_within(keeper_lock, fcntl.LOCK_EX, _LOCK_SECONDS, f"{layout.base} has a keeper already")
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
