"""How fast films go beside nginx's own sendfile, and behind nginx beside the least application there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from benchmarks.home import bench_home
from benchmarks.load import Load, Target, play
from benchmarks.results import Result
from benchmarks.streaming import SIZE, Server, add_film, bearer, served, sign_in, start
from deployments.nginx import Front, has_threads, render

_TURNS = 5  # each measures all; what others do on the machine only ever slows down
_BARE = [
    sys.executable,
    "-m",
    "uvicorn",
    "benchmarks.bare_accel:app",
    "--no-access-log",
    "--log-level",
    "error",
]


def measure(_archive: Path) -> list[Result]:
    """Nothing without an nginx on the PATH."""
    if shutil.which("nginx") is None:
        return []
    with bench_home("nginx") as home, ExitStack() as closing:
        film = add_film(home)
        folder = home.settings.home / "archive"
        server = closing.enter_context(served(home, WSOPTV_ACCEL="true"))
        token = sign_in(home, server)
        path = start(server, film, token)
        plain = closing.enter_context(running_nginx(static_files(folder)))
        ours = closing.enter_context(_front(folder, server.port))
        bare = closing.enter_context(_front(folder, closing.enter_context(_bare(folder / "film.mp4"))))
        targets = {
            "plain": (Target(plain.port, "/film.mp4", SIZE), plain.process),
            "ours": (Target(server.port, path, SIZE), server.process),
            "behind": (Target(ours.port, path, SIZE), ours.process),
            "bare": (Target(bare.port, "/", SIZE), bare.process),
        }
        best = _best(targets)
        return [
            *_figures(best),
            *_memory(Target(server.port, f"/api/stream/{film}", SIZE, bearer(token)), server),
        ]


def _best(targets: dict[str, tuple[Target, psutil.Process]]) -> dict[str, Load]:
    for target, process in targets.values():
        play(target, process, seconds=0.5)
    turns = [
        {name: play(target, process, seconds=2) for name, (target, process) in targets.items()}
        for _ in range(_TURNS)
    ]
    return {name: max((turn[name] for turn in turns), key=lambda load: load.rate) for name in targets}


def _figures(best: dict[str, Load]) -> list[Result]:
    gigabyte = {name: 1e9 / load.rate for name, load in best.items()}
    return [
        Result(
            "a GB in 1 MiB ranges to 16 players, by one process, beside nginx's sendfile",
            gigabyte["ours"],
            gigabyte["plain"],
            "s",
            2.5,
        ),
        Result("processor time of that process for it", best["ours"].cpu_per_gb, None, "s", 1.3),
        Result(
            "a GB behind nginx, beside the least application that leaves files to it",
            gigabyte["behind"],
            gigabyte["bare"],
            "s",
            1.11,
        ),
        Result(
            "processor time of the players for a GB: what they could take at most",
            best["plain"].client_cpu_per_gb,
            None,
            "s",
            None,
        ),
    ]


def _memory(target: Target, server: Server) -> list[Result]:
    """Of the process that serves 100 players: the most of eight seconds, and of the eight before."""
    before, after = (max(_size(target, server) for _ in range(4)) for _ in range(2))
    return [Result("memory with 100 players, beside itself eight seconds before", after, before, "MB", 1.1)]


def _size(target: Target, server: Server) -> float:
    play(target, server.process, clients=100, seconds=2)
    return server.process.memory_info().rss / 1e6


@contextmanager
def _front(folder: Path, app: int) -> Iterator[Server]:
    def config(port: int) -> bytes:
        roots = (os.fsencode(folder),)
        return render(Front(f"127.0.0.1:{port}", (f"http://127.0.0.1:{app}",), roots, threads=has_threads()))

    port = _unused_port()
    with running_nginx((port, config(port))) as running:
        yield running


def static_files(folder: Path) -> tuple[int, bytes]:
    port = _unused_port()
    text = f"""
worker_processes 1; pid nginx.pid;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    access_log off; sendfile on; tcp_nopush on;
    server {{ listen 127.0.0.1:{port}; root "{folder}"; }}
}}
"""
    return port, text.encode()


@contextmanager
def running_nginx(configured: tuple[int, bytes]) -> Iterator[Server]:
    port, config = configured
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-nginx-") as folder:
        Path(folder, "nginx.conf").write_bytes(config)
        more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", more]
        with subprocess.Popen(command) as running:
            _wait_for(port)
            yield Server(port, psutil.Process(running.pid))
            running.terminate()


@contextmanager
def _bare(file: Path) -> Iterator[int]:
    port = _unused_port()
    environment = {**os.environ, "BARE_ACCEL_FILE": str(file)}
    with subprocess.Popen([*_BARE, "--port", str(port)], env=environment) as running:
        _wait_for(port)
        yield port
        running.terminate()


def _unused_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody answers at port {port}")
