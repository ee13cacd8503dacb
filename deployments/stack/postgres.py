"""The embedded PostgreSQL 16, which is reached by a socket and a password."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from deployments.stack.errors import StackError
from deployments.stack.layout import Layout, replace
from deployments.stack.programs import POSTGRES
from deployments.stack.server_folders import CLUSTER, ServerFolders

# The name of the database and of its user.
NAME = "wsoptv"
_SETTINGS = {
    # No network, only a socket in a private folder.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # The details of errors contain values, such as e-mail addresses.
    "log_error_verbosity": "terse",
}
_SHUTDOWN_SECONDS = 10.0


class Postgres:
    """A PostgreSQL cluster. Its methods raise `StackError` if it cannot be created or started."""

    name = "postgres"

    def __init__(self, layout: Layout, folders: ServerFolders) -> None:
        self._password = layout.password
        self._folders = folders
        self._cluster: Path = folders.data / CLUSTER

    @property
    def url(self) -> str:
        password = quote(self._password.read_text().strip(), safe="")
        return f"postgresql://{NAME}:{password}@/{NAME}?host={quote(str(self._folders.sockets), safe='')}"

    def prepare(self) -> None:
        """Create the cluster aside and rename it when it is complete: a killed start begins again."""
        self._programs = POSTGRES.reachable(self._folders.account)
        if not self._cluster.exists():
            self._create()
        elif not self._password.exists():
            self.end_leftovers()
            self._run_single_user(self._cluster)

    def _create(self) -> None:
        part = self._cluster.with_name(f"{CLUSTER}.making")
        _end_servers_in(part, wait=0)
        if part.exists():
            shutil.rmtree(part)
        self._folders.account.create_private_folder(part)
        # `trust` lasts until the next lines: no server listens, and the folder is private.
        self._run("initdb", "-D", str(part), "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C")
        (part / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        self._run_single_user(part, f"create database {NAME}")
        part.rename(self._cluster)

    def _run_single_user(self, cluster: Path, *statements: str) -> None:
        """Run statements and set a new password, in single-user mode, which needs none.

        The statements do not appear in the log.
        """
        password = secrets.token_hex(24)
        script = [*statements, f"alter role {NAME} password '{password}'"]
        quiet = "-clog_min_error_statement=panic"
        self._run(
            "postgres", "--single", "-D", str(cluster), quiet, "template1", script="\n".join(script) + "\n"
        )
        replace(self._password, password.encode())

    def _run(self, program: str, *arguments: str, script: str = "") -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            input=script,
            text=True,
            errors="replace",
            capture_output=True,
            check=False,
            **self._folders.account.child(on_parent_exit=signal.SIGKILL),
        )
        # In single-user mode the exit code is 0 although a statement fails.
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise StackError(f"PostgreSQL's {program} failed: {(done.stderr or done.stdout).strip()[-1500:]}")

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server as a child that shuts down when this process ends."""
        self.end_leftovers()
        child = self._folders.account.child(on_parent_exit=signal.SIGINT)
        if (pid := self._recorded_pid()) is not None:
            # A zombie or another program may have this pid now, which PostgreSQL would take for a server.
            # It ignores its grandparent, and still checks the shared memory (CreateLockFile).
            child["env"]["PG_GRANDPARENT_PID"] = str(pid)
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        return subprocess.Popen(
            [
                str(self._programs / "postgres"),
                "-D",
                str(self._cluster),
                "-k",
                str(self._folders.sockets),
                *settings,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **child,
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Return whether it accepts connections, as the last line of its pid file says (utils/pidfile.h)."""
        lines = self._pid_file()
        return bool(lines) and lines[0].strip() == str(process.pid) and lines[-1].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self._cluster / "postmaster.pid").read_text(errors="replace").splitlines()
        except OSError:
            return []

    def _recorded_pid(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Request a shutdown."""
        # The "fast" shutdown ends all sessions and writes a checkpoint, so that no recovery is needed.
        process.send_signal(signal.SIGINT)

    def end_leftovers(self) -> None:
        """End processes that a killed keeper or server left: busy sessions hold the shared memory."""
        if self._pid_file():
            _end_servers_in(self._cluster, wait=_SHUTDOWN_SECONDS if self._is_shutting_down() else 0)

    def _is_shutting_down(self) -> bool:
        return (pid := self._recorded_pid()) is not None and pid in _servers_in(self._cluster)


def _servers_in(cluster: Path) -> dict[int, psutil.Process]:
    """Return the PostgreSQL processes whose working directory is a folder, by pid."""
    folder = os.path.realpath(cluster)
    return {
        process.pid: process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == folder
    }


def _end_servers_in(cluster: Path, wait: float) -> None:
    """Kill the processes that do not end by themselves in `wait` seconds."""
    found = list(_servers_in(cluster).values())
    for process in psutil.wait_procs(found, timeout=wait)[1]:
        process.kill()
    psutil.wait_procs(found, timeout=_SHUTDOWN_SECONDS)
