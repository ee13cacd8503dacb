"""HTTP calls to Prefect, each with a deadline. A server that is down gets no calls for a while."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from orchestration.breaker import Breaker, UnavailableError
from serving.http.tls import certificates
from serving.worker.errors import PrefectUnavailableError

# The most seconds for a response.
DEADLINE = 3.0
# Seconds that an idle connection is kept. Prefect closes it after five, perhaps during a request.
_IDLE = 2.0
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)

_DENIED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})

Address = Callable[[], str | None]
Auth = Callable[[str], str | None]
T = TypeVar("T")


class PrefectRefusedError(Exception):
    """Prefect refused a request. The message gives the reason."""


class _MalformedResponseError(Exception):
    """The response is not one of Prefect."""


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(keepalive_expiry=_IDLE)
    return httpx.AsyncClient(timeout=DEADLINE, limits=limits, verify=certificates())


@dataclass(slots=True)
class PrefectHttp:
    """HTTP calls to the API of Prefect.

    `address` returns its URL (`http://host:4200/api`), or None if no Prefect is running. `auth` returns the
    authentication string for an address (`user:password`), or None.
    """

    address: Address
    auth: Auth = lambda _address: None
    client: httpx.AsyncClient = field(default_factory=_client)
    breaker: Breaker = field(
        default_factory=lambda: Breaker(
            "Prefect", (httpx.HTTPError, _MalformedResponseError), deadline=DEADLINE
        )
    )

    async def ask(
        self,
        kind: TypeAdapter[T],
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        refusals: Collection[int] = (),
    ) -> T:
        """Return the response. Raises `PrefectUnavailableError`, and `PrefectRefusedError` for `refusals`."""
        address = self.address()
        if address is None:
            raise PrefectUnavailableError("no Prefect server is running")
        try:
            async with self.breaker.guard():
                response = await self._send(method, address, path, body)
                if response.status_code not in refusals:
                    return _read(kind, response)
        except UnavailableError as error:
            raise PrefectUnavailableError(error.reason) from None
        raise PrefectRefusedError(_reason_of(response))

    async def _send(
        self, method: str, address: str, path: str, body: Mapping[str, Any] | None
    ) -> httpx.Response:
        """Send a request, and repeat it while the database of Prefect is busy (503, without any effect)."""
        headers = _basic(self.auth(address))
        for pause in _PAUSES:
            response = await self.client.request(method, f"{address}/{path}", json=body, headers=headers)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(pause)
        return response


def _basic(auth: str | None) -> dict[str, str]:
    # The Basic authentication of httpx would add a colon to a string without one.
    return {} if auth is None else {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"}


def _read(kind: TypeAdapter[T], response: httpx.Response) -> T:
    if response.status_code in _DENIED:
        raise _MalformedResponseError(
            "it refuses our credentials: set PREFECT_API_AUTH_STRING to PREFECT_SERVER_API_AUTH_STRING of "
            "the server"
        )
    if not response.is_success:
        raise _MalformedResponseError(f"it responded {response.status_code}")
    try:
        return kind.validate_json(response.content)
    except ValidationError:
        raise _MalformedResponseError(
            f"it responded {response.status_code}, but not as Prefect does"
        ) from None


def _reason_of(response: httpx.Response) -> str:
    """Return the reason of a refusal: a sentence, or the message of pydantic for each field."""
    try:
        body = json.loads(response.content)
        said = body.get("detail") or body["exception_detail"]
        problems = [one["msg"] for one in said] if isinstance(said, list) else [str(said)]
    except (ValueError, LookupError, TypeError, AttributeError):
        return f"it responded {response.status_code}"
    return "; ".join(problem.removeprefix("Value error, ") for problem in problems)[:500]
