"""The parts of the responses of Prefect 3.8 that we read."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter


class PrefectSchedule(BaseModel):
    """A schedule. One of `cron`, `interval` and `rrule` is set.

    `interval` is in seconds, `timezone` is an IANA name.
    """

    cron: str | None = None
    interval: float | None = None
    rrule: str | None = None
    timezone: str | None = None


class PrefectDeploymentSchedule(BaseModel):
    """A schedule of a deployment."""

    active: bool
    schedule: PrefectSchedule


class PrefectDeployment(BaseModel):
    """A deployment. `flow` is the name of its flow, which comes from another response."""

    id: uuid.UUID
    name: str
    flow_id: uuid.UUID
    flow: str = ""
    description: str | None = None
    tags: list[str] = Field(default_factory=list)
    paused: bool = False
    schedules: list[PrefectDeploymentSchedule] = Field(default_factory=list)
    work_pool_name: str | None = None
    enforce_parameter_schema: bool = True
    parameter_openapi_schema: dict[str, Any] | None = None

    @property
    def schema_of_parameters(self) -> dict[str, Any]:
        """Return the JSON schema of the parameters, or an empty one if Prefect has none."""
        return self.parameter_openapi_schema or {}


class PrefectFlow(BaseModel):
    """A flow."""

    id: uuid.UUID
    name: str


class PrefectState(BaseModel):
    """The state of a run."""

    type: str
    name: str
    message: str | None = None


class PrefectRun(BaseModel):
    """A flow run. `estimated_run_time` is in seconds, and increases while the run lasts."""

    id: uuid.UUID
    name: str
    deployment_id: uuid.UUID | None = None
    state: PrefectState | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    created: dt.datetime | None = None
    start_time: dt.datetime | None = None
    end_time: dt.datetime | None = None
    estimated_run_time: float = 0.0


class PrefectProgress(BaseModel):
    """An artifact of type `progress`. `data` is a percentage."""

    data: float | None = None
    description: str | None = None


class PrefectOrchestrationResult(BaseModel):
    """The result of a request to change a state."""

    status: Literal["ACCEPT", "REJECT", "ABORT", "WAIT"]


VERSION = TypeAdapter(str)
NUMBER = TypeAdapter(int)
DEPLOYMENTS = TypeAdapter(list[PrefectDeployment])
FLOWS = TypeAdapter(list[PrefectFlow])
RUN = TypeAdapter(PrefectRun)
RUNS = TypeAdapter(list[PrefectRun])
PROGRESS = TypeAdapter(list[PrefectProgress])
VERDICT = TypeAdapter(PrefectOrchestrationResult)
