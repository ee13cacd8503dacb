"""The command as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deployments.stack import use_stack
from orchestration.settings import Settings
from tests.conftest import forget_home
from tests.flows.conftest import Archive, clips

__all__ = ["clips"]

WSOPTV = str(Path(sys.executable).with_name("wsoptv"))


@dataclass
class Command:
    """Runs `wsoptv` on one home, with `more` in its environment."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("DATABASE_URL", "REDIS_URL", "MEILISEARCH_URL", "PREFECT_API_URL", "NAS_MOUNT_PATH")
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        return {**kept, "WSOPTV_HOME": str(self.home), **self.more}

    def __call__(self, *arguments: str | bytes, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **more}
        return subprocess.run(
            [WSOPTV, *arguments], env=environment, text=True, capture_output=True, check=False
        )

    def json(self, *arguments: str | bytes, code: int = 0) -> dict[str, Any]:
        done = self(*arguments, "--json")
        assert done.returncode == code, done.stderr
        answer = json.loads(done.stdout.splitlines()[-1])
        assert isinstance(answer, dict)
        return answer

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [WSOPTV, *arguments],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def up(self) -> tuple[subprocess.Popen[str], str]:
        """A running `wsoptv up` and its address."""
        process = self.start("up", "--port", "0")
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("READY "))
        return process, ready.split()[1]

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        process.communicate(timeout=60)
        return process.returncode


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A home whose servers every command starts and stops."""
    home = tmp_path_factory.mktemp("cold") / "home"
    yield Command(home)
    forget_home(home)


@pytest.fixture(scope="module")
def wsoptv(tmp_path_factory: pytest.TempPathFactory, prefect: str) -> Iterator[Command]:
    """A home whose servers run on, for what is not about their life."""
    home = tmp_path_factory.mktemp("warm") / "home"
    with use_stack(Settings(WSOPTV_HOME=home), "tests"):
        yield Command(home, {"PREFECT_API_URL": prefect})
    forget_home(home)


@pytest.fixture
def archive(tmp_path: Path, clips: dict[str, bytes]) -> Archive:
    root = tmp_path / "archive"
    root.mkdir()
    return Archive(root, clips)
