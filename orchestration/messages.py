"""Events as messages: one Redis channel a kind of event, a JSON object of its fields a message."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from orchestration.events import EVENTS, Event

KINDS: dict[str, type[Event]] = {kind.name: kind for kind in EVENTS}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def encode(event: Event) -> bytes:
    """`{"content_id": "5f0c…"}`."""
    return _ADAPTERS[event.name].dump_json(event)


def decode(channel: str, message: bytes) -> Event:
    """The event; raises `ValueError` for what is none (pydantic's is one, an unknown channel another)."""
    if channel not in KINDS:
        raise ValueError(f"no event is published on {channel!r}")
    event: Event = _ADAPTERS[channel].validate_json(message)
    return event
