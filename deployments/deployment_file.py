"""`prefect.yaml`: the deployments that it describes, and their application to a Prefect server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from deployments.stack.errors import StackError

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

_PACKAGE = Path(__file__).parent
_FILE = "prefect.yaml"
_PUT_BACK = "install WSOPTV again, or in a checkout `git checkout prefect.yaml`"


def prefect_file() -> Path:
    """Return the path of `prefect.yaml`: in this package if it was installed from a wheel, at the top of a
    checkout otherwise. Raises `StackError`.
    """
    places = (_PACKAGE / _FILE, _PACKAGE.parent / _FILE)
    for place in places:
        if place.is_file():
            return place
    looked = " and ".join(map(str, places))
    raise StackError(f"{_FILE}, which describes the deployments, is not at {looked}: {_PUT_BACK}")


def described_deployments() -> list[dict[str, Any]]:
    """Return the deployments that `prefect.yaml` describes, each with a name. Raises `StackError`."""
    file = prefect_file()
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
        described: list[dict[str, Any]] = [{**one, "name": str(one["name"])} for one in read]
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise StackError(f"{file} does not describe deployments ({error!r}): {_PUT_BACK}") from error
    return described


def apply_deployments(client: SyncPrefectClient, described: list[dict[str, Any]]) -> None:
    """Create or update the deployments as `prefect deploy --all` does. Raises `StackError`.

    The flows are loaded in this process: Prefect's command would take seconds to load them in another one.
    """
    from httpx import HTTPError
    from prefect.exceptions import PrefectException

    for one in described:
        try:
            _apply(client, one)
        except (HTTPError, PrefectException, ValueError, KeyError, TypeError) as error:
            raise StackError(f"the deployment {one['name']} could not be applied: {error}") from error


def _apply(client: SyncPrefectClient, one: dict[str, Any]) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
    from prefect.exceptions import ObjectNotFound
    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    flow: Flow[..., Any] = load_flow_from_entrypoint(one["entrypoint"])
    schema = parameter_schema(flow).model_dump(exclude_unset=True)
    fields = _fields(one) | {"version": flow.version, "parameter_openapi_schema": schema}
    schedules = [_schedule(schedule) for schedule in one.get("schedules", ())]
    try:
        known = client.read_deployment_by_name(f"{flow.name}/{one['name']}")
    except ObjectNotFound:
        client.create_deployment(
            client.create_flow_from_name(flow.name),
            name=one["name"],
            schedules=[DeploymentScheduleCreate(**schedule) for schedule in schedules],
            enforce_parameter_schema=True,
            **fields,
        )
    else:
        # Without the field the server leaves the schedules alone.
        changed = fields | ({"schedules": schedules} if schedules else {})
        client.update_deployment(known.id, DeploymentUpdate(**changed))


def _fields(one: dict[str, Any]) -> dict[str, Any]:
    """Return what the API calls the settings of a deployment in the file."""
    pool, limit = one["work_pool"], one.get("concurrency_limit", {})
    return {
        "description": one["description"],
        "tags": one["tags"],
        "parameters": one.get("parameters", {}),
        "entrypoint": one["entrypoint"],
        "work_pool_name": pool["name"],
        "work_queue_name": pool["work_queue_name"],
        "job_variables": pool["job_variables"],
        "concurrency_limit": limit.get("limit"),
        "concurrency_options": {"collision_strategy": limit["collision_strategy"]} if limit else None,
        # The package is installed where the worker runs.
        "pull_steps": [],
    }


def _schedule(described: dict[str, Any]) -> dict[str, Any]:
    schedule = {"cron": described["cron"], "timezone": described["timezone"]}
    return {"schedule": schedule, "active": described["active"], "slug": described["slug"]}
