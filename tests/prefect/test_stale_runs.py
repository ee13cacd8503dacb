"""Flow runs that were created, but that no process executes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.prefect.api import Api

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_NOW = dt.timedelta(0)


@pytest.fixture
def client(prefect_connection: None) -> Iterator[SyncPrefectClient]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client


class _LosesOneResponse(httpx.BaseTransport):
    """A transport to the server that times out on the response to the first creation of a run."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner, self.lost = inner, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.url.path.endswith("/flow_runs/") and not self.lost:
            self.lost += 1
            response.close()
            raise httpx.ReadTimeout("too late", request=request)
        return response

    def close(self) -> None:
        self._inner.close()


def _run(api: Api, state: str) -> dict[str, Any]:
    flow = api.post("flows/", name="stale")
    run: dict[str, Any] = api.post("flow_runs/", flow_id=flow["id"], state={"type": state})
    return run


def test_a_run_whose_creation_timed_out_is_created_once(client: SyncPrefectClient, api: Api) -> None:
    from prefect import flow

    from flows.prefect_runs.flow_runs import create_flow_run

    @flow(name="created once")
    def created_once(number: int) -> None:
        del number

    client._client._transport = transport = _LosesOneResponse(client._client._transport)
    created = create_flow_run(client, created_once, {"number": 3})
    assert transport.lost == 1
    of_flow = {"name": {"any_": ["created once"]}}
    assert [run["id"] for run in api.post("flow_runs/filter", flows=of_flow)] == [str(created.id)]
    assert created.parameters == {"number": 3}
    assert created_once.name == client.read_flow(created.flow_id).name


def test_pending_runs_without_a_process_are_ended(client: SyncPrefectClient, api: Api) -> None:
    from flows.prefect_runs.flow_runs import end_stale_runs

    stale, begun, planned, handed = (
        _run(api, state) for state in ("PENDING", "RUNNING", "SCHEDULED", "PENDING")
    )
    api.patch(f"flow_runs/{handed['id']}", infrastructure_pid="123")
    end_stale_runs(client)
    assert api.state(stale) == "Pending", "its process may be starting"
    assert end_stale_runs(client, _NOW) >= 1
    state = api.get(f"flow_runs/{stale['id']}")["state"]
    assert (state["type"], state["name"]) == ("CRASHED", "Crashed")
    assert "never began" in state["message"]
    assert [api.state(run) for run in (begun, planned, handed)] == ["Running", "Scheduled", "Pending"]
    for run in (begun, planned, handed):
        api._ask("DELETE", f"flow_runs/{run['id']}")


def test_many_pending_runs_are_all_ended(
    client: SyncPrefectClient, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.prefect_runs import flow_runs

    monkeypatch.setattr(flow_runs, "_PAGE", 2)
    many = [_run(api, "PENDING") for _ in range(5)]
    assert flow_runs.end_stale_runs(client, _NOW) >= 5
    assert {api.state(run) for run in many} == {"Crashed"}


def test_the_automation_of_an_older_version_is_replaced(client: SyncPrefectClient, api: Api) -> None:
    """The automation of older versions watches only runs that have begun."""
    from prefect.automations import Automation
    from prefect.events.actions import DoNothing
    from prefect.events.schemas.automations import EventTrigger, Posture

    from deployments.prefect import deploy

    for known in client.read_automations_by_name(deploy._ZOMBIES):
        client.delete_automation(known.id)
    older = EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.*"},
        posture=Posture.Proactive,
        threshold=1,
        within=dt.timedelta(minutes=9),
    )
    Automation(name=deploy._ZOMBIES, trigger=older, actions=[DoNothing()]).create()
    for _twice in range(2):
        deploy._create_zombie_automation(client)
        (now,) = client.read_automations_by_name(deploy._ZOMBIES)
        assert getattr(now.trigger, "after", set()) == {
            "prefect.flow-run.heartbeat",
            "prefect.flow-run.Pending",
        }
