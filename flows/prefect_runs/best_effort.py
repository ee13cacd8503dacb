"""Optional requests to the Prefect server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from httpx import TransportError

log = logging.getLogger(__name__)

P = ParamSpec("P")

_AWAY_SECONDS = 60.0
_away: list[float] = []
"""When the server last failed to respond."""


def best_effort(request: Callable[P, None]) -> Callable[P, None]:
    """Make a function log its errors instead of raising them.

    After a failure to respond, all such functions do nothing for a minute, because each try takes 15 seconds.
    """

    @wraps(request)
    def try_once(*args: P.args, **kwargs: P.kwargs) -> None:
        if _away and time.monotonic() - _away[0] < _AWAY_SECONDS:
            return
        try:
            request(*args, **kwargs)
        except TransportError as error:
            _away[:] = [time.monotonic()]
            log.warning(
                "Prefect does not respond; %s and others are skipped for a minute: %s", _name(request), error
            )
        # For example, an artifact may be too large for the server.
        except Exception as error:  # noqa: BLE001
            log.warning("%s failed: %s", _name(request), error)

    return try_once


def _name(request: Callable[..., None]) -> str:
    return getattr(request, "__name__", "a request").strip("_").replace("_", " ")
