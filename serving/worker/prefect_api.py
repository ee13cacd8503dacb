"""Prefect by its HTTP API: deployments, runs. The serving process imports no Prefect.

Each call has a deadline, and a server that is away is left alone for a while.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from orchestration.breaker import Breaker, UnavailableError
from serving.worker.errors import (
    DeploymentNotFoundError,
    ParametersRefusedError,
    PrefectUnavailableError,
    RunEndedError,
    RunNotFoundError,
)

DEADLINE = 3.0  # seconds for an answer
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
_MOST = 200  # deployments, or runs, that Prefect answers at a time

Address = Callable[[], str | None]


class _NonsenseError(Exception):
    """An answer that no Prefect gives."""


@dataclass(slots=True)
class PrefectApi:
    """`address` answers where the API is at this moment (`http://host:4200/api`), None while there is none; `ui` where people
    find its pages, if that is another place."""

    address: Address
    ui: str | None = None
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=DEADLINE))
    breaker: Breaker = field(
        default_factory=lambda: Breaker("Prefect", (httpx.HTTPError, _NonsenseError), deadline=DEADLINE)
    )

    def page(self, path: str) -> str | None:
        """The address of a page of Prefect's UI, which stands beside its API."""
        address = self.ui or self.address()
        return f"{address.removesuffix('/api')}/{path}" if address else None

    async def ping(self) -> None:
        """Raises where it is not well."""
        await self._ask("GET", "health")

    async def deployments(self) -> list[dict[str, Any]]:
        """All deployments, by name."""
        answer = await self._ask("POST", "deployments/filter", {"limit": _MOST, "sort": "NAME_ASC"})
        return list(answer)

    async def deployment(self, name: str) -> dict[str, Any]:
        """The deployment of this name. Raises `DeploymentNotFoundError`."""
        known = await self.deployments()
        found = [one for one in known if one["name"] == name]
        if not found:
            names = [one["name"] for one in known]
            raise DeploymentNotFoundError(details={"deployments": names})
        return found[0]

    async def start(self, name: str, parameters: Mapping[str, Any], key: str | None) -> dict[str, Any]:
        """A run of a deployment; the same key again answers the same run. Raises `ParametersRefusedError`."""
        deployment = await self.deployment(name)
        _expect_known(parameters, deployment)
        # Prefect keeps keys for each deployment by itself; without one it would start a new run each time.
        body = {"parameters": dict(parameters), "idempotency_key": key}
        try:
            run: dict[str, Any] = await self._ask(
                "POST", f"deployments/{deployment['id']}/create_flow_run", body
            )
        except _RefusedError as error:
            raise ParametersRefusedError(
                f"The flow does not take these parameters: {error.said}", details={"deployment": name}
            ) from None
        return run

    async def run(self, run_id: uuid.UUID) -> dict[str, Any]:
        """One run. Raises `RunNotFoundError`."""
        try:
            run: dict[str, Any] = await self._ask("GET", f"flow_runs/{run_id}")
        except _RefusedError:
            raise RunNotFoundError from None
        return run

    async def runs(
        self, wanted: Mapping[str, Any], limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of the runs that Prefect's filters choose, the latest first, and how many there are."""
        body = {**wanted, "limit": limit, "offset": offset, "sort": "EXPECTED_START_TIME_DESC"}
        found = await self._ask("POST", "flow_runs/filter", body) if limit else []
        return list(found), int(await self._ask("POST", "flow_runs/count", dict(wanted)))

    async def cancel(self, run_id: uuid.UUID) -> dict[str, Any]:
        """Have a run ended. Raises `RunNotFoundError`, `RunEndedError`."""
        if (await self.run(run_id)).get("end_time"):
            raise RunEndedError
        await self._ask(
            "POST", f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        )
        return await self.run(run_id)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that is answered. Raises `PrefectUnavailableError`, `_RefusedError`."""
        address = self.address()
        if address is None:
            raise PrefectUnavailableError("none is running")
        try:
            async with self.breaker.guard():
                return _read(await self._patiently(method, f"{address}/{path}", body))
        except UnavailableError as error:
            raise PrefectUnavailableError(error.reason) from None

    async def _patiently(self, method: str, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        """Ask again while its database is busy, which it says by 503 and has done nothing then."""
        for pause in _PAUSES:
            answer = await self.client.request(method, url, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(pause)
        return answer


@dataclass
class _RefusedError(Exception):
    """Prefect answered with 4xx."""

    said: str


def _expect_known(parameters: Mapping[str, Any], deployment: Mapping[str, Any]) -> None:
    """Prefect checks values, and lets names pass that the flow then crashes at."""
    known = (deployment.get("parameter_openapi_schema") or {}).get("properties") or {}
    if unknown := [name for name in parameters if name not in known]:
        names = ", ".join(known) or "none"
        raise ParametersRefusedError(
            f"The flow takes no parameter {unknown[0][:80]!r}; there are {names}.",
            details={"deployment": deployment["name"], "parameters": list(known)},
        )


def _read(answer: httpx.Response) -> Any:
    if answer.status_code >= 500:
        raise _NonsenseError(f"it answered {answer.status_code}")
    try:
        body = answer.json() if answer.content else None
    except ValueError:
        raise _NonsenseError(f"it answered {answer.status_code} without JSON") from None
    if answer.status_code >= 400:
        detail = body.get("detail", body.get("exception_detail")) if isinstance(body, dict) else body
        raise _RefusedError(str(detail)[:500])
    return body
