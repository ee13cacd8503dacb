"""A real nginx with the configuration that `wsoptv nginx` prints."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from deployments.nginx import NginxOptions, has_compressed_files, has_threads, render
from serving.http.tls import certificates
from tests.processes import running
from tests.serving.conftest import eventually, unused_port

NGINX = shutil.which("nginx")
NEEDS_NGINX = pytest.mark.skipif(NGINX is None, reason="no nginx on the PATH")


@contextmanager
def behind_nginx(
    *apps: httpx.URL, roots: tuple[Path, ...] = (), logs: Path | None = None, static: Path | None = None
) -> Iterator[httpx.URL]:
    """Run an nginx in front of these servers, which may send files below these folders. Yield its address.

    `logs` is the folder that it runs in, `static` that of the static files of the web app.
    """
    assert NGINX is not None
    url = httpx.URL(f"http://127.0.0.1:{unused_port()}")
    with tempfile.TemporaryDirectory(prefix="wsoptv-nginx-") as temporary:
        folder = str(logs or temporary)
        front = NginxOptions(
            f"127.0.0.1:{url.port}",
            tuple(str(app).rstrip("/") for app in apps),
            tuple(os.fsencode(root) for root in roots),
            threads=has_threads(),
            static=static,
            compressed=has_compressed_files(),
        )
        Path(folder, "nginx.conf").write_bytes(render(front))
        # The workers of root would run as an account that cannot read the files of the tests.
        more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = [NGINX, "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", more]
        with running(command) as process:
            eventually(lambda: process.poll() is not None or _answers(url))
            yield url


def _answers(url: httpx.URL) -> bool:
    try:
        httpx.get(url, verify=certificates())
    except httpx.TransportError:
        return False
    return True
