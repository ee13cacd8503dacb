"""`wsoptv serve` with a renderer: one Node for all processes, which ends with them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil

from deployments.web.health import web_state
from orchestration.settings import Settings
from tests.serving.conftest import eventually
from tests.web.node import NEEDS_NODE
from tests.web.serve_process import serve

pytestmark = NEEDS_NODE


def test_two_processes_share_one_node_which_ends_with_them(settings: Settings) -> None:
    with serve(settings, "--processes", "2") as served:
        eventually(served.renders)
        nodes = served.nodes()
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
