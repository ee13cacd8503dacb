"""The groups of servers: which servers one keeper looks after, and what they need around them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deployments.stack.layout import PREFECT, WORKER, Layout
from deployments.stack.postgres import Postgres
from deployments.stack.prefect_server import PrefectServer
from deployments.stack.redis_server import RedisServer
from deployments.stack.server import Server
from deployments.stack.server_folders import find_server_folders


@contextmanager
def servers_of(layout: Layout, parts: Sequence[str]) -> Iterator[tuple[Path, Sequence[Server]]]:
    """Where a group keeps its data, and the named of its servers, in the order in which they start."""
    if layout.group == PREFECT:
        yield layout.base, [PrefectServer(layout)]
    elif layout.group == WORKER:
        with _worker(layout) as server:
            yield layout.base, [server]
    else:
        places = find_server_folders(layout)
        servers: list[Server] = [Postgres(layout, places), RedisServer(places)]
        try:
            yield places.data, [server for server in servers if server.name in parts]
        finally:
            if layout.home not in places.sockets.parents and places.data not in places.sockets.parents:
                shutil.rmtree(places.sockets, ignore_errors=True)  # its name stays ours: see `places`


@contextmanager
def _worker(layout: Layout) -> Iterator[Server]:
    """The worker needs the other groups: they stop after it, whoever was killed."""
    from deployments.stack.prefect_worker import PrefectWorker
    from deployments.stack.use import prefect_auth, use_prefect, use_stack
    from orchestration.settings import Settings

    settings = Settings()
    with use_stack(settings, "worker") as stack, use_prefect(settings, "worker") as api_url:
        yield PrefectWorker(layout, stack, api_url, prefect_auth(settings))
