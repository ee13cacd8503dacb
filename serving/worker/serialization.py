"""Serialization of the deployments and runs of Prefect."""

from __future__ import annotations

from serving.worker.prefect_api import PrefectApi
from serving.worker.prefect_responses import PrefectDeployment, PrefectProgress, PrefectRun, PrefectSchedule
from serving.worker.schemas import Deployment, OneRun, Run, RunProgress


def serialize_deployment(found: PrefectDeployment, api: PrefectApi) -> Deployment:
    """Return the schema of a deployment."""
    return Deployment(
        id=found.id,
        name=found.name,
        flow=found.flow,
        description=found.description,
        tags=found.tags,
        paused=found.paused,
        work_pool=found.work_pool_name,
        schedules=[_schedule(plan.schedule) for plan in found.schedules if plan.active],
        parameters=found.schema_of_parameters,
        url=api.page(f"deployments/deployment/{found.id}"),
    )


def _schedule(schedule: PrefectSchedule) -> str:
    if schedule.interval is not None:
        return f"every {schedule.interval:g} s"
    zone = schedule.timezone or "UTC"
    return f"{schedule.cron or schedule.rrule}{'' if zone == 'UTC' else f' {zone}'}"


def serialize_run(run: PrefectRun, api: PrefectApi) -> Run:
    """Return the schema of a run in a list."""
    return Run(
        id=run.id,
        name=run.name,
        deployment_id=run.deployment_id,
        state=run.state.name if run.state else "Unknown",
        state_type=run.state.type if run.state else "UNKNOWN",
        message=run.state.message if run.state else None,
        parameters=run.parameters,
        created_at=run.created,
        started_at=run.start_time,
        ended_at=run.end_time,
        seconds=run.estimated_run_time,
        url=api.page(f"runs/flow-run/{run.id}"),
    )


def serialize_run_details(
    run: PrefectRun, api: PrefectApi, progress: PrefectProgress | None = None
) -> OneRun:
    """Return the schema of a single run, with its progress."""
    return OneRun(**serialize_run(run, api).model_dump(), progress=_progress(progress))


def _progress(progress: PrefectProgress | None) -> RunProgress | None:
    if progress is None or progress.data is None:
        return None
    return RunProgress(percent=progress.data, says=progress.description)
