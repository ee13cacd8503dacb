"""`/api/admin/deployments` and `/api/admin/runs`: start, list and cancel flow runs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import Header, Query, Request

from catalog_models.tables import Actor
from catalog_models.writes import audit_log
from serving.http.errors import CHANGING, FOR_ROLES, RequestInvalidError, documented
from serving.kernel.block import state_of
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import Admin, address_of
from serving.worker.errors import (
    DeploymentNotFoundError,
    ParametersRefusedError,
    PrefectUnavailableError,
    RootNotAllowedError,
    RunEndedError,
    RunNotFoundError,
)
from serving.worker.prefect_api import PrefectApi
from serving.worker.schemas import Deployments, OneRun, Runs, RunsQuery, StartRun
from serving.worker.serialization import serialize_deployment, serialize_run, serialize_run_details

router = api_router("worker")

_PREFECT = (PrefectUnavailableError, *FOR_ROLES)
Key = Annotated[
    str | None,
    Header(
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A key of your choice. A repeated request with the same key returns the same run.",
    ),
]


def _api(request: Request) -> PrefectApi:
    api: PrefectApi = state_of(request, "worker")
    return api


@router.get("/admin/deployments", summary="List deployments", responses=documented(*_PREFECT))
async def list_deployments(request: Request, _: Admin) -> Deployments:
    """List the deployments of Prefect, with the parameters that they accept."""
    api = _api(request)
    items = [serialize_deployment(row, api) for row in await api.deployments()]
    return Deployments(items=items, total=len(items), limit=len(items), offset=0)


@router.get(
    "/admin/runs",
    summary="List flow runs",
    responses=documented(DeploymentNotFoundError, RequestInvalidError, *_PREFECT),
)
async def list_runs(request: Request, _: Admin, query: Annotated[RunsQuery, Query()]) -> Runs:
    """List flow runs, the latest first. Runs scheduled for later are included only with `state=SCHEDULED`."""
    api, wanted = _api(request), dict[str, Any]()
    if query.deployment is not None:
        deployment = await api.deployment(query.deployment)
        wanted["deployments"] = {"id": {"any_": [str(deployment.id)]}}
    if query.state is not None:
        wanted["flow_runs"] = {"state": {"type": {"any_": [query.state]}}}
    else:
        wanted["flow_runs"] = {"expected_start_time": {"before_": dt.datetime.now(dt.UTC).isoformat()}}
    rows, total = await api.runs(wanted, query.limit, query.offset)
    items = [serialize_run(row, api) for row in rows]
    return Runs(items=items, total=total, limit=query.limit, offset=query.offset)


@router.get(
    "/admin/runs/{run_id}",
    summary="Get a flow run",
    responses=documented(RunNotFoundError, RequestInvalidError, *_PREFECT),
)
async def get_run(request: Request, _: Admin, run_id: uuid.UUID) -> OneRun:
    """Return the state and the progress of a flow run."""
    api = _api(request)
    return serialize_run_details(await api.run(run_id), api, await api.progress(run_id))


@router.post(
    "/admin/runs/{deployment}",
    status_code=202,
    summary="Start a flow run",
    responses=documented(
        DeploymentNotFoundError,
        ParametersRefusedError,
        RootNotAllowedError,
        RequestInvalidError,
        *_PREFECT,
        *CHANGING,
    ),
)
async def start_run(
    request: Request,
    viewer: Admin,
    deployment: str,
    work: Work,
    start: StartRun | None = None,
    idempotency_key: Key = None,
) -> OneRun:
    """Start a run of a deployment. A worker executes it when it has capacity.

    Send an `Idempotency-Key` to repeat a request safely if its response was lost: it does not start a second
    run.
    """
    api = _api(request)
    parameters = start.parameters if start else {}
    known = await api.deployment(deployment)
    await api.roots.expect(work.session, parameters, known.schema_of_parameters)
    run = await api.start(known, parameters, idempotency_key)
    actor = Actor(viewer.username, viewer.user_id, address_of(request))
    await work.run(audit_log.note, actor, "run.started", ("run", run.id), {"deployment": deployment})
    return serialize_run_details(run, api)


@router.post(
    "/admin/runs/{run_id}/cancel",
    summary="Cancel a flow run",
    responses=documented(RunNotFoundError, RunEndedError, RequestInvalidError, *_PREFECT, *CHANGING),
)
async def cancel_run(request: Request, viewer: Admin, run_id: uuid.UUID, work: Work) -> OneRun:
    """Cancel a flow run. It ends as soon as possible and releases the work that it has claimed."""
    api = _api(request)
    run = await api.cancel(run_id)
    actor = Actor(viewer.username, viewer.user_id, address_of(request))
    await work.run(audit_log.note, actor, "run.cancelled", ("run", run_id))
    return serialize_run_details(run, api, await api.progress(run_id))
