"""The state of the web app, as the API of this home reports it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from serving.http.tls import certificates

# In seconds. A measurement by the API takes up to two.
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WebState:
    """`healthy`, `starting`, `degraded` or `not configured`, and the reason if people get the plain page."""

    status: str
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.status}: {self.reason}" if self.reason else self.status


def web_state(address: str) -> WebState | None:
    """Return the state that the API at this address reports, or None if it does not respond."""
    try:
        answer = httpx.get(f"{address}/api/health", timeout=_SECONDS, trust_env=False, verify=certificates())
        # An unhealthy API responds 503, with the same body.
        web = answer.json()["web"]
        return WebState(str(web["status"]), web["reason"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return None
