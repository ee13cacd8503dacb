"""The groups of servers: the servers that one keeper runs, and what they require."""

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
    """Yield the data folder of a group, and those of its servers that `parts` names, in their start order."""
    if layout.group == PREFECT:
        yield layout.base, [PrefectServer(layout)]
    elif layout.group == WORKER:
        with _worker(layout) as server:
            yield layout.base, [server]
    else:
        folders = find_server_folders(layout)
        servers: list[Server] = [Postgres(layout, folders), RedisServer(folders)]
        try:
            yield folders.data, [server for server in servers if server.name in parts]
        finally:
            if layout.home not in folders.sockets.parents and folders.data not in folders.sockets.parents:
                # Its name stays reserved: see `server_folders`.
                shutil.rmtree(folders.sockets, ignore_errors=True)


@contextmanager
def _worker(layout: Layout) -> Iterator[Server]:
    """Yield the worker. It uses the other groups, so that they stop after it, whichever process is killed."""
    from deployments.stack.prefect_worker import PrefectWorker
    from deployments.stack.use import prefect_auth, use_prefect, use_stack
    from orchestration.settings import Settings

    settings = Settings()
    with use_stack(settings, "worker") as stack, use_prefect(settings, "worker") as api_url:
        yield PrefectWorker(layout, stack, api_url, prefect_auth(settings))
