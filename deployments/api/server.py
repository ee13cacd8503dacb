"""One process of the API: the application behind uvicorn, with a pulse."""

from __future__ import annotations

import gc
import socket
from functools import partial

import uvicorn

from deployments.api.http_protocol import UVICORN_OPTIONS
from deployments.api.memory import keep_freed_memory
from deployments.api.pulse import Pulse
from deployments.api.supervisor import Replacements
from deployments.process_log import start_logging
from orchestration.settings import Settings
from serving.app import create_app

# Seconds that responses may go on after SIGTERM.
_GRACE = 5


class _Server(uvicorn.Server):
    """A server that beats with each turn of its event loop once it serves."""

    def __init__(self, config: uvicorn.Config, pulse: Pulse) -> None:
        super().__init__(config)
        self._pulse = pulse

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Otherwise a full collection, which goes through all libraries, now and then blocks the event loop
        # for 0.1 s.
        gc.collect()
        gc.freeze()

    async def on_tick(self, counter: int) -> bool:
        self._pulse.beat()
        return await super().on_tick(counter)


def serve(settings: Settings, listener: socket.socket, pulse: Pulse, replacements: Replacements) -> None:
    """Serve until SIGTERM."""
    start_logging(settings)
    keep_freed_memory()
    config = uvicorn.Config(
        partial(create_app, settings, replaced=replacements.read),
        factory=True,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE,
        **UVICORN_OPTIONS,
    )
    _Server(config, pulse).run(sockets=[listener])
