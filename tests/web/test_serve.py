"""`wsoptv serve` with a renderer: one Node for all processes, which ends with them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from deployments.web.health import web_state
from orchestration.settings import Settings
from serving.http.tls import certificates
from tests.processes import running
from tests.serving.conftest import eventually
from tests.web.node import NEEDS_NODE, STUB_APP

pytestmark = NEEDS_NODE

# The command, with the stub in place of the web app.
_SERVE = """
import sys
from pathlib import Path
from deployments.web import renderer_process
renderer_process.built_app = lambda app=Path(sys.argv.pop(1)): app
from deployments.cli import main
main()
"""


@dataclass
class Serving:
    """A running `wsoptv serve` and its address."""

    process: subprocess.Popen[str]
    client: httpx.Client

    def seen(self) -> dict[str, Any]:
        """Return the request that the stub receives, over a new connection to either process."""
        page = httpx.get(self.client.base_url.join("/sign-in"), timeout=30, verify=certificates())
        found = re.search(r"<script[^>]*>(.*)</script>", page.text)
        assert found, page.text
        return dict(json.loads(found[1]))

    def renders(self) -> bool:
        return "stub" in self.client.get("/sign-in").text


@contextmanager
def serve(settings: Settings, *options: str, app: Path = STUB_APP, node: str = "") -> Iterator[Serving]:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    environment = {
        **os.environ,
        "WSOPTV_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "JWT_SECRET_KEY": "a secret of these tests that signs nothing else",
        "WSOPTV_NODE": node,
    }
    command = [sys.executable, "-c", _SERVE, str(app), "serve", "--port", "0", *options]
    with running(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("READY "))
        with httpx.Client(base_url=ready.split()[1], timeout=30) as client:
            yield Serving(process, client)


def test_two_processes_share_one_node_which_ends_with_them(settings: Settings) -> None:
    with serve(settings, "--processes", "2") as served:
        eventually(served.renders)
        children = psutil.Process(served.process.pid).children(recursive=True)
        nodes = [child for child in children if "node" in child.name().lower()]
        assert len(nodes) == 1
        seen = [served.seen() for _ in range(12)]
        assert {one["pid"] for one in seen} == {nodes[0].pid}
        assert seen[0]["environment"]["WSOPTV_API"] == str(served.client.base_url).rstrip("/")
        assert seen[0]["headers"]["x-wsoptv-render"] == seen[0]["environment"]["WSOPTV_RENDER_KEY"]
        assert served.client.get("/api/health").json()["web"]["status"] == "healthy"
        state = web_state(str(served.client.base_url).rstrip("/"))
        assert str(state) == "healthy"
        chunk = served.client.get("/_next/static/chunks/main-0a1b.js")
        assert (chunk.status_code, "immutable" in chunk.headers["cache-control"]) == (200, True)
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
        assert not nodes[0].is_running()


def test_a_stopped_node_gives_the_plain_page_and_a_kill_leaves_no_node(settings: Settings) -> None:
    with serve(settings) as served:
        eventually(served.renders)
        pid = served.seen()["pid"]
        os.kill(pid, signal.SIGSTOP)
        page = served.client.get("/sign-in")
        assert (page.status_code, '<ul id="titles">' in page.text) == (503, True)
        assert served.client.get("/api/health/live").status_code == 200
        os.kill(pid, signal.SIGKILL)
        eventually(served.renders)
        node = psutil.Process(served.seen()["pid"])
        assert node.pid != pid
        # It must end even if it cannot run.
        node.suspend()
        served.process.kill()
        served.process.wait(10)
        eventually(lambda: not node.is_running() or node.status() == psutil.STATUS_ZOMBIE)


def test_ready_waits_for_no_renderer(settings: Settings, tmp_path: Path) -> None:
    app = tmp_path / "slow"
    (app / "files").mkdir(parents=True)
    (app / "server.js").write_text("setTimeout(() => {}, 1e6);")
    with serve(settings, app=app) as served:
        assert served.client.get("/api/health").json()["web"]["status"] == "starting"
        assert served.client.get("/plain").status_code == 200


def test_without_node_the_plain_page_is_the_page(settings: Settings) -> None:
    with serve(settings, node="/nowhere/node") as served:
        eventually(lambda: served.client.get("/api/health").json()["web"]["status"] == "degraded")
        page = served.client.get("/")
        assert (page.status_code, '<ul id="titles">' in page.text) == (200, True)
        assert "Node.js" in page.text
