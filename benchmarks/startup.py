"""How fast things start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import Result, best_of

_WSOPTV = str(Path(sys.executable).with_name("wsoptv"))
_LIBRARIES = (
    "import fastapi, pydantic_settings, sqlalchemy.ext.asyncio, sqlalchemy.orm, psycopg, redis.asyncio"
)


def measure(_archive: Path) -> list[Result]:
    """`--help`, the import of the app, and `up` on a home that exists."""
    return [
        Result(
            "`wsoptv --help`, beside `python -c 'import click'`",
            _run(_WSOPTV, "--help"),
            _python("import click"),
            "s",
            1.5,
        ),
        Result(
            "`import serving.app`, beside its libraries",
            _python("import serving.app"),
            _python(_LIBRARIES),
            "s",
            1.3,
        ),
        Result("`wsoptv up` on a home that exists, until READY", _up(), None, "s", 5),
    ]


def _python(code: str) -> float:
    return _run(sys.executable, "-c", code)


def _run(*command: str) -> float:
    return best_of(7, lambda: subprocess.run(command, check=True, capture_output=True))


def _up() -> float:
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-up-") as folder:
        environment = {**os.environ, "WSOPTV_HOME": folder}
        _until_ready(environment)
        return min(_until_ready(environment) for _ in range(3))


def _until_ready(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(
        [_WSOPTV, "up", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        ready = next(line for line in server.stdout if line.startswith("READY"))
        seconds = time.perf_counter() - started
        server.send_signal(signal.SIGTERM)
    assert ready
    return seconds
