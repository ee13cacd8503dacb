"""One API process: the application behind uvicorn, with a pulse for the supervisor."""

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
from deployments.web.shared_state import SharedRenderer
from orchestration.settings import Settings
from serving.app import create_app

# Seconds that responses may take to finish after SIGTERM.
_GRACE = 5


class _Server(uvicorn.Server):
    """A uvicorn server that beats its pulse with each turn of the event loop once it serves."""

    def __init__(self, config: uvicorn.Config, pulse: Pulse) -> None:
        super().__init__(config)
        self._pulse = pulse

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # A full garbage collection would traverse all libraries and block the event loop for 0.1 s.
        gc.collect()
        gc.freeze()

    async def on_tick(self, counter: int) -> bool:
        self._pulse.beat()
        return await super().on_tick(counter)


def serve(
    settings: Settings,
    renderer: SharedRenderer,
    listener: socket.socket,
    pulse: Pulse,
    replacements: Replacements,
) -> None:
    """Serve on the socket until SIGTERM."""
    start_logging(settings)
    keep_freed_memory()
    config = uvicorn.Config(
        partial(create_app, settings, replaced=replacements.read, renderer=renderer.renderer()),
        factory=True,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE,
        **UVICORN_OPTIONS,
    )
    _Server(config, pulse).run(sockets=[listener])
