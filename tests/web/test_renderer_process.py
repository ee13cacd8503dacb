"""The process of the renderer: its start, its environment, and its replacement when it ends or hangs."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from deployments.web import renderer_process
from deployments.web.node import NodeMissingError, find_node
from deployments.web.renderer_process import Timing, rendering
from orchestration.settings import Settings
from serving.kernel.renderer import Phase, Renderer
from tests.serving.conftest import eventually
from tests.web.node import NEEDS_NODE, STUB_APP

QUICK = Timing(look=0.05, probe=0.2, patience=0.5, longest_pause=2.0)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use the stub instead of the web app."""
    monkeypatch.setattr(renderer_process, "built_app", lambda: STUB_APP)
    return STUB_APP


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def settings_in(home: Path, **more: Any) -> Settings:
    return Settings(WSOPTV_HOME=home).model_copy(update={"node": None} | more)


def seen(renderer: Renderer) -> dict[str, Any]:
    """Return the request that the stub receives."""
    url = f"http://127.0.0.1:{renderer.read().port}/sign-in"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = re.search(r"<script[^>]*>(.*)</script>", answer.read().decode())
    assert found
    return dict(json.loads(found[1]))


def is_ready(renderer: Renderer) -> bool:
    return renderer.read().phase is Phase.READY


@NEEDS_NODE
def test_node_gets_no_secret(
    app: Path, tmp_path: Path, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "a secret that signs every token of this home")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@127.0.0.1/x")
    shared = closing.enter_context(rendering(settings_in(tmp_path), "http://127.0.0.1:8000", 2, QUICK))
    renderer = shared.renderer()
    eventually(lambda: is_ready(renderer))
    environment = seen(renderer)["environment"]
    kept = {"PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"}
    assert {name: value for name, value in environment.items() if name not in kept} == {
        "PORT": str(renderer.read().port),
        "HOSTNAME": "127.0.0.1",
        "NODE_ENV": "production",
        "NEXT_TELEMETRY_DISABLED": "1",
        "WSOPTV_API": "http://127.0.0.1:8000",
        "WSOPTV_RENDER_KEY": renderer.key,
    }
    assert len(renderer.key) > 32
    assert renderer.key not in repr(renderer)
    assert renderer.most == 32, "two processes share the places"
    assert (renderer.files or tmp_path).name == "files"
    words = psutil.Process(seen(renderer)["pid"]).cmdline()
    assert renderer.key not in " ".join(words)
    assert any(word.startswith("--max-old-space-size=") for word in words)


@NEEDS_NODE
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the account")
@pytest.mark.parametrize("readable", [True, False])
def test_node_of_root_runs_as_nobody_if_that_account_can_read_the_app(
    closing: ExitStack, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
    folder.chmod(0o755 if readable else 0o700)
    app = folder / "app"
    shutil.copytree(STUB_APP, app)
    monkeypatch.setattr(renderer_process, "built_app", lambda: app)
    renderer = closing.enter_context(rendering(settings_in(folder / "home"), "http://x", 1, QUICK)).renderer()
    eventually(lambda: is_ready(renderer))
    process = psutil.Process(seen(renderer)["pid"])
    account = pwd.getpwnam("nobody")
    assert process.uids().real == process.uids().saved == (account.pw_uid if readable else 0)
    assert process.gids().real == (account.pw_gid if readable else 0)


@NEEDS_NODE
def test_a_killed_node_is_started_again(app: Path, tmp_path: Path, closing: ExitStack) -> None:
    renderer = closing.enter_context(rendering(settings_in(tmp_path), "http://x", 1, QUICK)).renderer()
    eventually(lambda: is_ready(renderer))
    first = seen(renderer)["pid"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not is_ready(renderer))
    eventually(lambda: is_ready(renderer))
    assert seen(renderer)["pid"] != first


@NEEDS_NODE
def test_a_stopped_node_is_noticed_and_replaced(app: Path, tmp_path: Path, closing: ExitStack) -> None:
    settings = settings_in(tmp_path, hang_deadline=1.5)
    renderer = closing.enter_context(rendering(settings, "http://x", 1, QUICK)).renderer()
    eventually(lambda: is_ready(renderer))
    first = seen(renderer)["pid"]
    os.kill(first, signal.SIGSTOP)
    eventually(lambda: renderer.read().phase is Phase.SILENT)
    assert renderer.read().problem
    eventually(lambda: is_ready(renderer))
    assert not psutil.pid_exists(first)


@NEEDS_NODE
def test_a_node_that_continues_is_kept(app: Path, tmp_path: Path, closing: ExitStack) -> None:
    renderer = closing.enter_context(rendering(settings_in(tmp_path), "http://x", 1, QUICK)).renderer()
    eventually(lambda: is_ready(renderer))
    first = seen(renderer)["pid"]
    os.kill(first, signal.SIGSTOP)
    eventually(lambda: renderer.read().phase is Phase.SILENT)
    os.kill(first, signal.SIGCONT)
    eventually(lambda: is_ready(renderer))
    assert seen(renderer)["pid"] == first


@NEEDS_NODE
def test_an_app_that_never_starts_is_tried_less_and_less(
    tmp_path: Path, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "app"
    (broken / "files").mkdir(parents=True)
    (broken / "server.js").write_text("console.error('started'); process.exit(7);")
    monkeypatch.setattr(renderer_process, "built_app", lambda: broken)
    settings = settings_in(tmp_path / "home")
    renderer = closing.enter_context(rendering(settings, "http://x", 1, QUICK)).renderer()
    eventually(lambda: renderer.read().phase is Phase.ENDED)
    starts = (settings.logs / "web.log").read_text().count("started")
    assert 1 <= starts <= 3


@NEEDS_NODE
def test_the_end_leaves_no_node(app: Path, tmp_path: Path) -> None:
    with rendering(settings_in(tmp_path), "http://x", 1, QUICK) as shared:
        renderer = shared.renderer()
        eventually(lambda: is_ready(renderer))
        pid = seen(renderer)["pid"]
        # It must end even if it does not run.
        os.kill(pid, signal.SIGSTOP)
    assert not psutil.pid_exists(pid)


def test_without_a_build_the_reason_is_given(
    tmp_path: Path, closing: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer_process, "built_app", lambda: None)
    renderer = closing.enter_context(rendering(settings_in(tmp_path), "http://x", 1)).renderer()
    assert renderer.read().phase is Phase.NOT_BUILT
    assert renderer.files is None


def test_without_node_the_reason_is_given(app: Path, tmp_path: Path, closing: ExitStack) -> None:
    settings = settings_in(tmp_path, node="/nowhere/node")
    renderer = closing.enter_context(rendering(settings, "http://x", 1)).renderer()
    eventually(lambda: renderer.read().phase is Phase.NO_NODE)
    assert renderer.files is not None, "open pages still get their files"


def test_the_web_app_can_be_turned_off(app: Path, tmp_path: Path, closing: ExitStack) -> None:
    renderer = closing.enter_context(rendering(settings_in(tmp_path, node="off"), "http://x", 1)).renderer()
    assert (renderer.is_off, renderer.files, renderer.read().problem) == (True, None, None)


@pytest.mark.parametrize("said", ["v18.20.4", "v20.8.1", "nonsense"])
def test_an_old_node_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    with pytest.raises(NodeMissingError, match="is not Node"):
        find_node(str(program))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("deployments.web.node._of_wheel", lambda: None)
    with pytest.raises(NodeMissingError, match="is older or does not run"):
        find_node(None)
    program.write_text("#!/bin/sh\necho v20.9.0\n")
    assert (find_node(None).program, find_node(None).version) == (program, "v20.9.0")
