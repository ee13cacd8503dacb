"""`prefect.yaml`: read its deployments, and apply them to a Prefect server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from deployments.stack.errors import StackError

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

_PACKAGE = Path(__file__).parents[1]
_FILE = "prefect.yaml"
_CORRECT = "Correct it (`prefect deploy --all` also applies fields that `wsoptv deploy` refuses)"
_PUT_BACK = "install WSOPTV again, or in a checkout `git checkout prefect.yaml`"


def prefect_file() -> Path:
    """Return the path of `prefect.yaml`. Raises `StackError`.

    A wheel has it in the package `deployments`, a checkout at the top.
    """
    candidates = (_PACKAGE / _FILE, _PACKAGE.parent / _FILE)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    searched = " and ".join(map(str, candidates))
    raise StackError(f"{_FILE}, which describes the deployments, is missing at {searched}: {_PUT_BACK}")


class _Part(BaseModel):
    """A part of the file. Unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Part):
    """A schedule of a deployment."""

    cron: str
    timezone: str = "UTC"
    active: bool = True
    slug: str


class Pool(_Part):
    """The work pool and the queue in which runs wait for a worker."""

    name: str
    work_queue_name: str
    job_variables: dict[str, Any] = {}


class Limit(_Part):
    """The most active runs of a deployment, and what happens to one more."""

    limit: int
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"]


class Deployment(_Part):
    """One deployment of the file."""

    name: str
    entrypoint: str
    description: str = ""
    tags: list[str] = []
    parameters: dict[str, Any] = {}
    concurrency_limit: Limit | None = None
    work_pool: Pool
    schedules: list[Schedule] = []

    def fields(self) -> dict[str, Any]:
        """Return these settings under their names in Prefect's API."""
        limit = self.concurrency_limit
        return {
            "description": self.description,
            "tags": self.tags,
            "parameters": self.parameters,
            "entrypoint": self.entrypoint,
            "work_pool_name": self.work_pool.name,
            "work_queue_name": self.work_pool.work_queue_name,
            "job_variables": self.work_pool.job_variables,
            "concurrency_limit": limit and limit.limit,
            "concurrency_options": limit and {"collision_strategy": limit.collision_strategy},
            # Workers have the package installed, so they need not pull code.
            "pull_steps": [],
        }


class _File(BaseModel):
    deployments: list[Deployment]


def described_deployments() -> list[Deployment]:
    """Return the deployments of `prefect.yaml`. Raises `StackError`."""
    file = prefect_file()
    try:
        return _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).deployments
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise StackError(f"{file}: {place}: {first['msg']}. {_CORRECT}, or {_PUT_BACK}") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise StackError(f"{file} does not describe deployments ({error!r}): {_PUT_BACK}") from error


def apply_deployments(client: SyncPrefectClient, described: list[Deployment]) -> None:
    """Create or update the deployments as `prefect deploy --all` does. Raises `StackError`.

    The flows are loaded in this process, which is seconds faster than to run Prefect's command.
    """
    from httpx import HTTPError
    from prefect.exceptions import PrefectException

    for one in described:
        try:
            _apply(client, one)
        except (HTTPError, PrefectException, ImportError, OSError, ValueError, KeyError, TypeError) as error:
            raise StackError(
                f"the deployment {one.name} ({one.entrypoint}) could not be applied: {error}"
            ) from error


def _apply(client: SyncPrefectClient, one: Deployment) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
    from prefect.exceptions import ObjectNotFound
    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    flow: Flow[..., Any] = load_flow_from_entrypoint(one.entrypoint)
    schema = parameter_schema(flow).model_dump(exclude_unset=True)
    fields = one.fields() | {"version": flow.version, "parameter_openapi_schema": schema}
    schedules: list[dict[str, Any]] = [
        {"schedule": each.model_dump(include={"cron", "timezone"}), "active": each.active, "slug": each.slug}
        for each in one.schedules
    ]
    try:
        known = client.read_deployment_by_name(f"{flow.name}/{one.name}")
    except ObjectNotFound:
        client.create_deployment(
            client.create_flow_from_name(flow.name),
            name=one.name,
            schedules=[DeploymentScheduleCreate(**schedule) for schedule in schedules],
            enforce_parameter_schema=True,
            **fields,
        )
    else:
        # Without this field the server keeps the schedules.
        changed = fields | ({"schedules": schedules} if schedules else {})
        client.update_deployment(known.id, DeploymentUpdate(**changed))
