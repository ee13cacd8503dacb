"""Our server compared with nginx's sendfile, and behind nginx compared with a minimal application."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from benchmarks.home import bench_home
from benchmarks.load import Load, Target, play
from benchmarks.processes import running, unused_port, wait_for_port
from benchmarks.results import NotMeasurableError, Result
from benchmarks.streaming import SIZE, Server, add_film, bearer, served, sign_in, start
from deployments.nginx import NginxOptions, has_threads, render

# Each round measures all, and the best counts: other work on the machine only slows a round down.
_TURNS = 5
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
    """Measure our server alone, behind nginx, and nginx itself. Raises `NotMeasurableError` without nginx."""
    require_nginx()
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


def require_nginx() -> None:
    """Raise `NotMeasurableError` if nginx is not on the PATH."""
    if shutil.which("nginx") is None:
        raise NotMeasurableError("nginx is not on the PATH: install it to measure this")


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
            "1 GB in ranges of 1 MiB to 16 players by one process, beside nginx's sendfile",
            gigabyte["ours"],
            gigabyte["plain"],
            "s",
            2.5,
        ),
        Result("processor time of that process for 1 GB", best["ours"].cpu_per_gb, None, "s", 1.3),
        Result(
            "1 GB behind nginx, beside a minimal application there",
            gigabyte["behind"],
            gigabyte["bare"],
            "s",
            1.11,
        ),
        Result(
            "processor time of the players for 1 GB, which bounds what they can receive",
            best["plain"].client_cpu_per_gb,
            None,
            "s",
            None,
        ),
    ]


def _memory(target: Target, server: Server) -> list[Result]:
    """Measure the peak memory of a process in two periods of eight seconds with 100 players."""
    before, after = (max(_size(target, server) for _ in range(4)) for _ in range(2))
    return [
        Result("memory with 100 players, beside the same eight seconds earlier", after, before, "MB", 1.1)
    ]


def _size(target: Target, server: Server) -> float:
    play(target, server.process, clients=100, seconds=2)
    return server.process.memory_info().rss / 1e6


@contextmanager
def _front(folder: Path, app: int) -> Iterator[Server]:
    def config(port: int) -> bytes:
        roots = (os.fsencode(folder),)
        return render(
            NginxOptions(f"127.0.0.1:{port}", (f"http://127.0.0.1:{app}",), roots, threads=has_threads())
        )

    port = unused_port()
    with running_nginx((port, config(port))) as server:
        yield server


def static_files(folder: Path) -> tuple[int, bytes]:
    """Return a free port, and the configuration of an nginx there that sends the files of a folder."""
    port = unused_port()
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
    """Run an nginx with this port and configuration."""
    port, config = configured
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-nginx-") as folder:
        Path(folder, "nginx.conf").write_bytes(config)
        more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", more]
        with running(command) as process:
            wait_for_port(process, port)
            yield Server(port, psutil.Process(process.pid))


@contextmanager
def _bare(file: Path) -> Iterator[int]:
    port = unused_port()
    with running([*_BARE, "--port", str(port)], {"BARE_ACCEL_FILE": str(file)}) as process:
        wait_for_port(process, port)
        yield port
