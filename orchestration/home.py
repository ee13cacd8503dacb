"""What a home tells of itself to processes that use its servers without keeping them."""

from __future__ import annotations

import json
from pathlib import Path

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
    """The address of the API of a home's embedded Prefect server, None while none is noted."""
    try:
        (address,) = json.loads((home / "prefect" / "stack.json").read_text())["urls"].values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return str(address)
