"""A client of a Prefect server, which sends requests as its UI does."""

from __future__ import annotations

import ssl
import time
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx

from tests.stack.conftest import until

_SECONDS, _TRIES = 30.0, 10
LOOK_SECONDS = 0.25
"""Seconds between two checks, each of which slows down the server."""
TLS = ssl.create_default_context()
"""Shared by all clients, because loading certificates takes thirty times as long as a request."""


@dataclass(frozen=True)
class Graph:
    """The labels of task runs, and the task runs on which each depends, by id."""

    labels: dict[str, str]
    parents: dict[str, set[str]]

    @property
    def roots(self) -> list[str]:
        """Return the labels of task runs that depend on no other."""
        return [self.labels[key] for key, parents in self.parents.items() if not parents]

    def stages(self) -> list[str]:
        """Return the stages on the longest path from a root."""
        best: dict[str, list[str]] = {}

        def path(key: str) -> list[str]:
            if key not in best:
                before = max((path(parent) for parent in self.parents[key]), key=len, default=[])
                best[key] = [*before, self.labels[key].partition(":")[0]]
            return best[key]

        return max(map(path, self.labels), key=len)

    def before(self, key: str) -> set[str]:
        """Return all task runs on which a task run depends, also indirectly."""
        direct = self.parents[key]
        return direct.union(*(self.before(parent) for parent in direct))


@dataclass(frozen=True)
class Api:
    """The API at an address, with its authentication string."""

    url: str
    auth: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Basic {b64encode(self.auth.encode()).decode()}"}

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self._ask("POST", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for _try in range(_TRIES):
            answer = httpx.request(
                method, f"{self.url}/{path}", json=body, timeout=_SECONDS, headers=self.headers, verify=TLS
            )
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            # The database is busy. Prefect's own clients retry, too.
            time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def runs(self, name: str) -> list[dict[str, Any]]:
        """Return the flow runs of this name, the latest first."""
        wanted = {"name": {"any_": [name]}}
        found: list[dict[str, Any]] = self.post(
            "flow_runs/filter", flow_runs=wanted, sort="EXPECTED_START_TIME_DESC"
        )
        return found

    def run(self, name: str) -> dict[str, Any]:
        """Return the latest flow run of this name."""
        return self.runs(name)[0]

    def steps(self, run: dict[str, Any], least: int = 1) -> list[dict[str, Any]]:
        """Return the task runs of a flow run, once the server has the final states of at least `least`."""

        def found() -> list[dict[str, Any]]:
            steps: list[dict[str, Any]] = self.post(
                "task_runs/filter", flow_runs={"id": {"any_": [run["id"]]}}, sort="EXPECTED_START_TIME_ASC"
            )
            return steps

        until(lambda: len(found()) >= least and all(step["end_time"] for step in found()), every=LOOK_SECONDS)
        return found()

    def graph(self, run: dict[str, Any], least: int = 1) -> Graph:
        """Return the graph of a finished flow run with at least `least` task runs, as its page shows it."""
        self.steps(run, least)
        nodes = dict(self.get(f"flow_runs/{run['id']}/graph-v2")["nodes"])
        return Graph(
            {key: node["label"] for key, node in nodes.items()},
            {key: {parent["id"] for parent in node["parents"]} for key, node in nodes.items()},
        )

    def artifacts(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the latest artifacts of a flow run, by key."""
        wanted = {"id": {"any_": [run["id"]]}}
        found = self.post("artifacts/filter", flow_runs=wanted, sort="ID_DESC")
        return {one["key"]: one for one in found}

    def log(self, run: dict[str, Any]) -> list[str]:
        """Return the messages in the log of a flow run and its task runs."""
        found = self.post("logs/filter", logs={"flow_run_id": {"any_": [run["id"]]}}, sort="TIMESTAMP_ASC")
        return [one["message"] for one in found]

    def deployment(self, name: str) -> dict[str, Any]:
        """Return the deployment of the flow of the same name."""
        found: dict[str, Any] = self.get(f"deployments/name/{name}/{name}")
        return found

    def start(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Create a run of a deployment."""
        run: dict[str, Any] = self.post(
            f"deployments/{self.deployment(name)['id']}/create_flow_run", parameters=parameters
        )
        return run

    def state(self, run: dict[str, Any]) -> str:
        """Return the name of the current state of a flow run."""
        return str(self.get(f"flow_runs/{run['id']}")["state"]["name"])

    def ended(self, run: dict[str, Any]) -> str:
        """Wait until a flow run ends; return the name of its state."""
        until(lambda: bool(self.get(f"flow_runs/{run['id']}")["end_time"]), 120, LOOK_SECONDS)
        return self.state(run)
