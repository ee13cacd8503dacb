"""A PostgreSQL from the system's packages, as in production."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.processes import running
from tests.stack.conftest import until

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
PASSWORD = "of-the-tests"


@contextmanager
def running_postgres(folder: Path, port: int) -> Iterator[str]:
    """Run a server in this folder, on loopback, as an unprivileged user.

    Yields the address of its first database, without the scheme.
    """
    assert PROGRAMS is not None
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD)
    as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    if as_nobody:
        for path in (folder, password):
            shutil.chown(path, "nobody", "nogroup")
    made: list[str | Path] = [
        PROGRAMS / "initdb",
        "-D",
        data,
        "-U",
        "wsoptv",
        "-A",
        "scram-sha-256",
        f"--pwfile={password}",
    ]
    subprocess.run([*made, "-E", "UTF8"], check=True, capture_output=True, cwd="/", **as_nobody)  # type: ignore[call-overload]
    options = [
        f"-p{port}",
        "-clisten_addresses=127.0.0.1",
        f"-cunix_socket_directories={folder}",
        "-cfsync=off",
    ]
    command: list[str | Path] = [PROGRAMS / "postgres", "-D", data, *options, "-clog_min_messages=fatal"]
    with running(command, cwd="/", stderr=subprocess.DEVNULL, **as_nobody):
        address = f"wsoptv:{PASSWORD}@127.0.0.1:{port}/"
        until(lambda: _answers(f"postgresql://{address}postgres"), 30)
        yield address


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
