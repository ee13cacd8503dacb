"""What a home tells of itself to processes that use its servers without keeping them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from catalog_models.errors import ExpectedError


class NotUpError(ExpectedError):
    """The embedded servers do not run, and none of the user's own are named."""

    code = "not_up"


def running_servers(home: Path) -> dict[str, str]:
    """The addresses of a home's embedded servers by name (`postgres`, `redis`), as their keeper notes them.

    Raises `NotUpError`.
    """
    try:
        note = json.loads((home / "stack.json").read_text())
        return {"postgres": note["urls"]["postgres"], "redis": note["urls"]["redis"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise NotUpError(
            f"the servers of {home} do not run: start `wsoptv up`, or set DATABASE_URL and REDIS_URL"
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

    After it died, a program of another user may listen on its port.
    """
    try:
        (pid,) = _prefect_note(home)["pids"].values()
        if not _is_prefect_server(int(pid)):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return embedded_prefect_auth(home)


def _is_prefect_server(pid: int) -> bool:
    """Return whether a process is the program of the embedded server and of our user: numbers are used again."""
    place = Path("/proc") / str(pid)
    program = b"deployments.stack.prefect_program"
    return place.stat().st_uid == os.geteuid() and program in (place / "cmdline").read_bytes().split(b"\0")


def _prefect_note(home: Path) -> Any:
    return json.loads((home / "prefect" / "stack.json").read_text())
