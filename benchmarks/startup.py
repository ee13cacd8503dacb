"""Start times of commands and of the API.

With `PYTHONDONTWRITEBYTECODE` set, Python compiles our modules at each start, so it is not passed on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import ready_line, running
from benchmarks.results import Result, best_of_both

_TURNS = 7
_WSOPTV = str(Path(sys.executable).with_name("wsoptv"))
LIBRARIES = (
    "import bcrypt, fastapi, httpx, jwt, prometheus_client, psutil, psycopg, rapidfuzz.process, "
    "sqlalchemy.dialects.postgresql, sqlalchemy.ext.asyncio, sqlalchemy.orm"
)
"""All libraries that `serving.app` loads. The rest are 94 routes, 126 models and 22 tables."""


def measure(_archive: Path) -> list[Result]:
    """Measure `--help`, the import of the application, and `up` on an existing home."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    help_, click = best_of_both(_TURNS, _runner(_WSOPTV, "--help"), _importer("import click"))
    app, libraries = best_of_both(_TURNS, _importer("import serving.app"), _importer(LIBRARIES))
    return [
        Result("`wsoptv --help`, beside `python -c 'import click'`", help_, click, "s", 1.5),
        Result("`import serving.app`, beside the libraries that it loads", app, libraries, "s", 1.7),
        Result("`wsoptv up` on a home that exists, until READY", _up(), None, "s", 5),
    ]


def _importer(code: str) -> Callable[[], object]:
    return _runner(sys.executable, "-c", code)


def _runner(*command: str) -> Callable[[], object]:
    return lambda: subprocess.run(command, check=True, capture_output=True)


def _up() -> float:
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-up-") as folder:
        environment = {"WSOPTV_HOME": folder}
        _until_ready(environment)
        return min(_until_ready(environment) for _ in range(3))


def _until_ready(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    with running([_WSOPTV, "up", "--port", "0"], environment, output=True) as server:
        ready_line(server)
        return time.perf_counter() - started
