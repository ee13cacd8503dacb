"""Register WSOPTV with Prefect: the work pool, the deployments of `prefect.yaml`, the zombie automation."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.prefect.deployment_file import apply_deployments, described_deployments, prefect_file
from deployments.prefect.orphaned_runs import end_orphaned_runs
from deployments.stack import is_own_prefect
from deployments.stack.layout import PREFECT, Layout, replace
from deployments.stack.prefect_environment import POOL
from orchestration.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import DeploymentSchedule

_FLOWS = Path(__file__).parents[2] / "flows"
# Runs at once on all hosts together; it can be changed in the UI.
_RUNS_AT_ONCE = 4
# Three heartbeats of the slowest kind: a run that is silent for longer has ended.
_SILENT_SECONDS = 540
_PENDING = "prefect.flow-run.Pending"
_ZOMBIES = "Mark runs that fell silent as crashed"


@dataclass(frozen=True)
class Deployed:
    """The result of a deploy.

    `deployments`: their names; `changed`: whether they were applied; `hourly`: whether the hourly ingest is
    active.
    """

    deployments: list[str]
    changed: bool
    hourly: bool


def deploy(settings: Settings, api_url: str) -> Deployed:
    """Apply the deployments of this version to the Prefect server in use. Raises `StackError`.

    If nothing changed since the last time, nothing is applied, so that settings made in the UI stay: a paused
    schedule, a parameter, a limit.
    """
    from prefect.client.orchestration import get_client

    from flows.prefect_runs.flow_runs import end_stale_runs

    described = described_deployments()
    names = [f"{one.name}/{one.name}" for one in described]
    inputs = _inputs(settings, api_url)
    record = Layout(settings.home, PREFECT).base / "applied.json"
    with get_client(sync_client=True) as client:
        changed = (
            not _is_applied(client, names) or not record.exists() or json.loads(record.read_text()) != inputs
        )
        if changed:
            _make_pool(client)
            apply_deployments(client, described)
            _pause_or_resume(client, active=bool(settings.archives))
            replace(record, json.dumps(inputs).encode())
        _create_zombie_automation(client)
        end_stale_runs(client)
        # The embedded server listens on loopback only, so all its runs are on this host.
        if is_own_prefect(settings):
            end_orphaned_runs(client)
        hourly = _hourly_schedule(client)
        return Deployed(names, changed, hourly is not None and hourly.active)


def _inputs(settings: Settings, api_url: str) -> dict[str, Any]:
    """Return the inputs of the deployments, which are applied again when an input changes."""
    sources = [prefect_file(), *sorted(_FLOWS.glob("*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return {"sources": digest, "server": api_url, "archive": " ".join(settings.archives)}


def _is_applied(client: SyncPrefectClient, names: list[str]) -> bool:
    known = {f"{one.name}/{one.name}" for one in client.read_deployments(limit=200)}
    return known.issuperset(names)


def _make_pool(client: SyncPrefectClient) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    try:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", concurrency_limit=_RUNS_AT_ONCE))
    except ObjectAlreadyExists:
        return


def _hourly_schedule(client: SyncPrefectClient) -> DeploymentSchedule | None:
    """Return the schedule of the hourly ingest, or None if it was deleted in the UI."""
    from prefect.exceptions import ObjectNotFound

    try:
        deployment = client.read_deployment_by_name("ingest-archive/ingest-archive")
    except ObjectNotFound:
        return None
    return next((schedule for schedule in deployment.schedules if schedule.slug == "hourly"), None)


def _pause_or_resume(client: SyncPrefectClient, *, active: bool) -> None:
    """Activate or pause the hourly ingest."""
    schedule = _hourly_schedule(client)
    if schedule is not None and schedule.deployment_id is not None:
        client.update_deployment_schedule(schedule.deployment_id, schedule.id, active=active)


def _create_zombie_automation(client: SyncPrefectClient) -> None:
    """Create the automation that ends silent runs: their worker was killed, or they never began."""
    from prefect.automations import Automation
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState
    from prefect.events.schemas.automations import EventTrigger, Posture
    from prefect.events.schemas.events import ResourceSpecification

    known = client.read_automations_by_name(_ZOMBIES)
    if any(_PENDING in getattr(one.trigger, "after", ()) for one in known):
        return
    # The automation of older versions watches only runs that have begun.
    for older in known:
        client.delete_automation(older.id)
    silent = EventTrigger(
        after={"prefect.flow-run.heartbeat", _PENDING},
        # A heartbeat or any final state.
        expect={"prefect.flow-run.*"},
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(seconds=_SILENT_SECONDS),
    )
    message = "no heartbeat for nine minutes: its process has ended. The next run continues from there."
    crash = ChangeFlowRunState(name=None, state=StateType.CRASHED, message=message, force=False)
    Automation(name=_ZOMBIES, description=message, trigger=silent, actions=[crash]).create()
