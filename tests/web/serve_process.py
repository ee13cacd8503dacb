"""`wsoptv serve` in a process of its own, with a built web app in place of that of the checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from orchestration.settings import Settings
from serving.http.tls import certificates
from tests.processes import running
from tests.web.node import STUB_APP

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
        """Return what the stub sees of a request, on a new connection: of either process."""
        page = httpx.get(self.client.base_url.join("/sign-in"), timeout=30, verify=certificates())
        found = re.search(r"<script[^>]*>(.*)</script>", page.text)
        assert found, page.text
        return dict(json.loads(found[1]))

    def nodes(self) -> list[psutil.Process]:
        """Return the running Node processes: one, or none between an end and the next start."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "node" in _program(child)]

    def renders(self) -> bool:
        """Return whether a page comes from Node, and is not the plain page."""
        page = self.client.get("/sign-in")
        return page.status_code == 200 and '<ul id="titles">' not in page.text


@contextmanager
def serve(settings: Settings, *options: str, app: Path = STUB_APP, node: str = "") -> Iterator[Serving]:
    assert settings.database_url is not None
    assert settings.redis_url is not None
    assert settings.jwt_secret is not None
    environment = {
        **os.environ,
        "WSOPTV_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "JWT_SECRET_KEY": settings.jwt_secret.get_secret_value(),
        "RATE_LIMIT_PER_MINUTE": str(settings.rate_limit),
        "READ_LIMIT_PER_MINUTE": str(settings.read_limit),
        "WSOPTV_NODE": node,
    }
    command = [sys.executable, "-c", _SERVE, str(app), "serve", "--port", "0", *options]
    with running(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if line.startswith("READY "))
        with httpx.Client(base_url=ready.split()[1], timeout=30) as client:
            yield Serving(process, client)


def _program(process: psutil.Process) -> str:
    """Return the name of the file that the process runs; Next changes the name of its process."""
    try:
        return Path(process.exe()).name
    except psutil.NoSuchProcess:
        return ""
