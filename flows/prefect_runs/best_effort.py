"""Telling the server what can be looked at, if it is there."""

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
"""When the server last did not answer."""


def best_effort(tell: Callable[P, None]) -> Callable[P, None]:
    """Nobody's work fails because it cannot be shown, nor waits again for a server that has just been away: each try takes
    a quarter of a minute."""

    @wraps(tell)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        if _away and time.monotonic() - _away[0] < _AWAY_SECONDS:
            return
        try:
            tell(*args, **kwargs)
        except TransportError as error:
            _away[:] = [time.monotonic()]
            log.warning("Prefect does not answer, nothing is shown for a minute: %s", error)
        except Exception as error:  # noqa: BLE001  # an artifact too large for it
            log.warning("an artifact could not be shown: %s", error)

    return told
