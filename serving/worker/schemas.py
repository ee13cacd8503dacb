"""Schemas of deployments and flow runs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.worker.parameters import Parameters

StateType = Literal[
    "SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "PAUSED", "CANCELLING"
]


class Deployment(BaseModel):
    """A deployment of a flow.

    `parameters` is the JSON Schema of its parameters. `schedules` lists the active schedules, as cron
    expressions with the time zone if it is not UTC.
    """

    id: uuid.UUID
    name: str
    flow: str
    description: str | None
    tags: list[str]
    paused: bool
    work_pool: str | None
    schedules: list[str]
    parameters: dict[str, Any]
    url: str | None


class Deployments(BaseModel):
    """All deployments."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": "c5d2e1a0-93c1-4a5e-8d0f-1b2c3d4e5f60",
                        "name": "ingest-archive",
                        "flow": "ingest-archive",
                        "description": "Bring the catalogue up to date with the archive.",
                        "tags": ["ingest", "io"],
                        "paused": False,
                        "work_pool": "wsoptv",
                        "schedules": ["0 * * * *"],
                        "parameters": {"properties": {"root": {"type": "string"}}},
                        "url": "http://127.0.0.1:4200/deployments/deployment/c5d2e1a0-93c1-4a5e-8d0f-1b2c3d4e5f60",
                    }
                ],
                "total": 1,
                "limit": 1,
                "offset": 0,
            }
        }
    )

    items: list[Deployment]
    total: int
    limit: int
    offset: int


class Run(BaseModel):
    """A flow run. `url` is its page in the Prefect UI."""

    id: uuid.UUID
    name: str
    deployment_id: uuid.UUID | None
    state: str
    state_type: str
    message: str | None
    parameters: dict[str, Any]
    created_at: dt.datetime | None
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    seconds: float
    url: str | None


_RUN: JsonDict = {
    "id": "0e4c1d7a-52b9-4f0c-8f5e-6a7b8c9d0e1f",
    "name": "ingest /nas/archive",
    "deployment_id": "c5d2e1a0-93c1-4a5e-8d0f-1b2c3d4e5f60",
    "state": "Running",
    "state_type": "RUNNING",
    "message": None,
    "parameters": {"root": "/nas/archive"},
    "created_at": "2026-03-02T20:00:00Z",
    "started_at": "2026-03-02T20:00:06Z",
    "ended_at": None,
    "seconds": 42.0,
    "url": "http://127.0.0.1:4200/runs/flow-run/0e4c1d7a-52b9-4f0c-8f5e-6a7b8c9d0e1f",
}


_PROGRESS: JsonDict = {"percent": 28.4, "says": "metadata: 300 of 1,058 files"}


class RunProgress(BaseModel):
    """The progress of a run, in percent."""

    percent: float
    says: str | None


class OneRun(Run):
    """A flow run. `progress` is null if its flow reports none."""

    model_config = ConfigDict(json_schema_extra={"example": {**_RUN, "progress": _PROGRESS}})

    progress: RunProgress | None


class Runs(BaseModel):
    """A page of runs, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [_RUN], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[Run]
    total: int
    limit: int
    offset: int


class RunsQuery(BaseModel):
    """Filters and paging for flow runs."""

    deployment: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]+$")
    state: StateType | None = None
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=100_000)


class StartRun(BaseModel):
    """The parameters of a new run. Parameters that are left out have the defaults of the deployment."""

    # Otherwise, parameters beside the field `parameters` would be ignored silently.
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"parameters": {"root": "/nas/archive"}}}
    )

    parameters: Parameters = Field(default_factory=dict)
