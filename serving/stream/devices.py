"""What a player's device is called."""

from __future__ import annotations

from fastapi import Request

_LONGEST = 120  # characters
UNNAMED = "unknown device"


def device_of(request: Request) -> str:
    """What the program says of itself (`User-Agent`), as text that can be shown."""
    said = request.headers.get("user-agent", "")
    return "".join(filter(str.isprintable, said))[:_LONGEST].strip() or UNNAMED
