"""Events as messages: one Redis channel per kind of event, a JSON object of its fields per message."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from orchestration.events import EVENTS, Event

KINDS: dict[str, type[Event]] = {kind.name: kind for kind in EVENTS}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def encode(event: Event) -> bytes:
    """Return an event as JSON: `{"content_id": "5f0c…"}`."""
    return _ADAPTERS[event.name].dump_json(event)


def decode(channel: str, message: bytes) -> Event:
    """Return the event of a message. Raise `ValueError` for an unknown channel or invalid JSON."""
    if channel not in KINDS:
        raise ValueError(f"no event uses the channel {channel!r}")
    event: Event = _ADAPTERS[channel].validate_json(message)
    return event
