"""Deployments and runs from the HTTP API of Prefect. The serving process does not import Prefect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serving.worker import prefect_responses as responses
from serving.worker.errors import (
    DeploymentNotFoundError,
    ParametersRefusedError,
    RunEndedError,
    RunNotFoundError,
)
from serving.worker.parameters import invalid_ids, unknown_names
from serving.worker.prefect_http import PrefectHttp, PrefectRefusedError
from serving.worker.prefect_responses import PrefectDeployment, PrefectProgress, PrefectRun
from serving.worker.roots import AllowedRoots

# The most deployments or runs that Prefect returns in one response.
_MOST = 200
_PAGES = 10


@dataclass(frozen=True, slots=True)
class PrefectApi:
    """Calls to the API of Prefect. All of them raise `PrefectUnavailableError`.

    `ui` is the address of the UI if it differs from that of the API. `roots` are the roots that runs started
    by the API may read.
    """

    http: PrefectHttp
    ui: str | None = None
    roots: AllowedRoots = field(default_factory=AllowedRoots)

    def page(self, path: str) -> str | None:
        """Return the URL of a page of the Prefect UI, or None if no Prefect is running."""
        address = self.ui or self.http.address()
        return f"{address.removesuffix('/api')}/{path}" if address else None

    async def ping(self) -> None:
        """Raise an error if Prefect is down or refuses our credentials; `/health` does not check those."""
        await self.http.ask(responses.VERSION, "GET", "admin/version")

    async def deployments(self) -> list[PrefectDeployment]:
        """Return all deployments, by name."""
        known: list[PrefectDeployment] = []
        for page in range(_PAGES):
            wanted = {"limit": _MOST, "offset": page * _MOST, "sort": "NAME_ASC"}
            found = await self.http.ask(responses.DEPLOYMENTS, "POST", "deployments/filter", wanted)
            known += await self._with_flows(found)
            if len(found) < _MOST:
                break
        return known

    async def _with_flows(self, found: list[PrefectDeployment]) -> list[PrefectDeployment]:
        wanted = {"flows": {"id": {"any_": sorted({str(one.flow_id) for one in found})}}, "limit": _MOST}
        flows = await self.http.ask(responses.FLOWS, "POST", "flows/filter", wanted) if found else []
        names = {flow.id: flow.name for flow in flows}
        return [one.model_copy(update={"flow": names.get(one.flow_id, "")}) for one in found]

    async def deployment(self, name: str) -> PrefectDeployment:
        """Return the deployment with this name. Raises `DeploymentNotFoundError`.

        If several flows have one, prefer the flow with the same name.
        """
        known = await self.deployments()
        found = [one for one in known if one.name == name]
        if not found:
            raise DeploymentNotFoundError(details={"deployments": [one.name for one in known]})
        return max(found, key=lambda one: one.flow == name)

    async def start(
        self, deployment: PrefectDeployment, parameters: Mapping[str, Any], key: str | None
    ) -> PrefectRun:
        """Start a run of a deployment. A repeated key returns the same run.

        Raises `ParametersRefusedError`.
        """
        _check_names(parameters, deployment)
        # Prefect keeps the keys of each flow separately. Without a key it always starts a new run.
        body = {"parameters": dict(parameters), "idempotency_key": key}
        path = f"deployments/{deployment.id}/create_flow_run"
        try:
            return await self.http.ask(responses.RUN, "POST", path, body, refusals=(400, 409, 422))
        except PrefectRefusedError as error:
            raise ParametersRefusedError(
                f"The flow does not accept these parameters: {error}", details={"deployment": deployment.name}
            ) from None

    async def run(self, run_id: uuid.UUID) -> PrefectRun:
        """Return a run. Raises `RunNotFoundError`."""
        try:
            return await self.http.ask(responses.RUN, "GET", f"flow_runs/{run_id}", refusals=(404,))
        except PrefectRefusedError:
            raise RunNotFoundError from None

    async def progress(self, run_id: uuid.UUID) -> PrefectProgress | None:
        """Return the progress of a run, or None if its flow reports none."""
        of_run = {"type": {"any_": ["progress"]}, "flow_run_id": {"any_": [str(run_id)]}}
        wanted = {"artifacts": of_run, "sort": "UPDATED_DESC", "limit": 1}
        found = await self.http.ask(responses.PROGRESS, "POST", "artifacts/filter", wanted)
        return found[0] if found else None

    async def runs(self, wanted: Mapping[str, Any], limit: int, offset: int) -> tuple[list[PrefectRun], int]:
        """Return a page of the runs that match the filters, the latest first, and their total."""
        body = {**wanted, "limit": limit, "offset": offset, "sort": "EXPECTED_START_TIME_DESC"}
        found = await self.http.ask(responses.RUNS, "POST", "flow_runs/filter", body) if limit else []
        return found, await self.http.ask(responses.NUMBER, "POST", "flow_runs/count", dict(wanted))

    async def cancel(self, run_id: uuid.UUID) -> PrefectRun:
        """Cancel a run. Raises `RunNotFoundError`, `RunEndedError`."""
        body = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        path = f"flow_runs/{run_id}/set_state"
        try:
            verdict = await self.http.ask(responses.VERDICT, "POST", path, body, refusals=(404,))
        except PrefectRefusedError:
            raise RunNotFoundError from None
        run = await self.run(run_id)
        # Prefect also aborts the request for runs that are already being cancelled.
        if verdict.status == "ABORT" and run.end_time is not None:
            raise RunEndedError
        return run


def _check_names(parameters: Mapping[str, Any], deployment: PrefectDeployment) -> None:
    schema = deployment.schema_of_parameters
    unknown = unknown_names(parameters, schema) if deployment.enforce_parameter_schema else []
    if unknown:
        known = list(schema["properties"])
        raise ParametersRefusedError(
            f"{deployment.name} has no parameter {', '.join(map(repr, unknown))[:500]}. Its parameters: "
            f"{', '.join(known) or 'none'}.",
            details={"deployment": deployment.name, "parameters": known},
        )
    if deployment.enforce_parameter_schema and (wrong := invalid_ids(parameters, schema)):
        raise ParametersRefusedError(
            f"The flow does not accept these parameters: {', '.join(wrong)} must be an id",
            details={"deployment": deployment.name},
        )
