"""The records that the keepers of a home's embedded servers write for other processes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from catalog_models.errors import ExpectedError


class NotUpError(ExpectedError):
    """The embedded servers are not running, and the settings name no others."""

    code = "not_up"


def running_servers(home: Path) -> dict[str, str]:
    """Return the recorded addresses of a home's embedded servers by name (`postgres`, `redis`).

    Raise `NotUpError`.
    """
    try:
        note = json.loads((home / "stack.json").read_text())
        return {"postgres": note["urls"]["postgres"], "redis": note["urls"]["redis"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise NotUpError(
            f"the servers of {home} are not running: start `wsoptv up`, or set DATABASE_URL and REDIS_URL"
        ) from None


def running_prefect(home: Path) -> str | None:
    """Return the API address of a home's embedded Prefect server, or None while none is recorded."""
    try:
        (address,) = _prefect_note(home)["urls"].values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return str(address)


def embedded_prefect_auth(home: Path) -> str | None:
    """Return the authentication string of a home's embedded Prefect server, or None if there is none yet."""
    try:
        return (home / "secrets" / "prefect-auth").read_text().strip() or None
    except OSError:
        return None


def running_prefect_auth(home: Path) -> str | None:
    """Return that string while the recorded server process lives, else None.

    After it died, another user's program may listen on its port.
    """
    try:
        (pid,) = _prefect_note(home)["pids"].values()
        if not _is_prefect_server(int(pid)):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return embedded_prefect_auth(home)


def _is_prefect_server(pid: int) -> bool:
    """Return whether a process is our embedded server, run by our user: process ids are reused."""
    place = Path("/proc") / str(pid)
    program = b"deployments.stack.prefect_program"
    return place.stat().st_uid == os.geteuid() and program in (place / "cmdline").read_bytes().split(b"\0")


def _prefect_note(home: Path) -> Any:
    return json.loads((home / "prefect" / "stack.json").read_text())
