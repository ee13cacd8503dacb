"""The command `wsoptv`, as users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from deployments.cli import main
from tasks.media.pool import MediaPool
from tests.folders import open_folder

WSOPTV = str(Path(sys.executable).with_name("wsoptv"))


@dataclass
class Command:
    """Runs `wsoptv` on one home, with `more` in its environment."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        foreign = (
            "DATABASE_URL",
            "REDIS_URL",
            "MEILISEARCH_URL",
            "PREFECT_API_URL",
            "PREFECT_API_AUTH_STRING",
            "NAS_MOUNT_PATH",
        )
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
        """Run `wsoptv up` without Prefect; yield the process and its address."""
        process = self.start("up", "--port", "0", "--no-prefect")
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("READY "))
        return process, ready.split()[1]

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        process.communicate(timeout=60)
        return process.returncode


@dataclass
class Inside(Command):
    """The same command in this process, because another process takes a second of processor time.

    With `pool`, commands that open media files share these processes instead of starting their own.
    """

    pool: MediaPool | None = None

    def __call__(self, *arguments: str | bytes, **more: str) -> subprocess.CompletedProcess[str]:
        words = [os.fsdecode(word) for word in arguments]
        before = signal.getsignal(signal.SIGTERM)
        try:
            with (
                patch.dict(os.environ, {**self.environment, **more}, clear=True),
                patch("sys.argv", [WSOPTV, *words]),
                # It would remove pytest's handlers.
                patch("deployments.runtime.start_logging"),
                self._shared_pool(),
            ):
                done = CliRunner().invoke(main, words, prog_name="wsoptv", catch_exceptions=False)
        finally:
            signal.signal(signal.SIGTERM, before)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def _shared_pool(self) -> AbstractContextManager[object]:
        if self.pool is None:
            return nullcontext()
        return patch("deployments.prefect.jobs.MediaPool", lambda _workers: nullcontext(self.pool))


@pytest.fixture(scope="module")
def cold() -> Iterator[Command]:
    """Return the command on a home whose servers each command starts and stops."""
    with open_folder() as folder:
        yield Command(folder / "home")


@pytest.fixture
def wsoptv(tmp_path: Path, database_url: str, redis_url: str, pool: MediaPool) -> Command:
    """Return the command, in this process, on the session's servers, with a new home and database."""
    return Inside(tmp_path / "home", {"DATABASE_URL": database_url, "REDIS_URL": redis_url}, pool)
