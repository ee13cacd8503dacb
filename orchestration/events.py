"""What is announced: facts of the past that carry ids, never truth. A lost one costs latency, never correctness."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `name` is the channel that it is published on."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ContentEvent(Event):
    """Something happened to a programme."""

    content_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ContentCreated(ContentEvent):
    """A programme came into the catalogue."""

    name: ClassVar[str] = "content.created"


@dataclass(frozen=True, slots=True)
class ContentUpdated(ContentEvent):
    """A programme's fields, files, hands or pictures are others now."""

    name: ClassVar[str] = "content.updated"


@dataclass(frozen=True, slots=True)
class ContentDeleted(ContentEvent):
    """A title is no longer shown: no file of it is left or fit to be shown, or it was hidden."""

    name: ClassVar[str] = "content.deleted"


@dataclass(frozen=True, slots=True)
class ContentViewed(ContentEvent):
    """A view of a programme was counted."""

    name: ClassVar[str] = "content.viewed"


@dataclass(frozen=True, slots=True)
class UserEvent(Event):
    """Something happened to a person's account."""

    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class UserCreated(UserEvent):
    """Somebody registered, or was added."""

    name: ClassVar[str] = "auth.user_created"


@dataclass(frozen=True, slots=True)
class UserChanged(UserEvent):
    """A person's password, role or right to be here was changed from the command line."""

    name: ClassVar[str] = "auth.user_changed"


@dataclass(frozen=True, slots=True)
class LoginSucceeded(UserEvent):
    """Somebody signed in."""

    name: ClassVar[str] = "auth.login.success"


@dataclass(frozen=True, slots=True)
class ProgressSaved(UserEvent):
    """A person came further in a programme."""

    content_id: uuid.UUID
    name: ClassVar[str] = "stream.progress"


@dataclass(frozen=True, slots=True)
class StreamEvent(Event):
    """Something happened to a playback session."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class StreamStarted(StreamEvent):
    """A playback session took a slot."""

    name: ClassVar[str] = "stream.started"


@dataclass(frozen=True, slots=True)
class StreamEnded(StreamEvent):
    """A playback session gave its slot back, or lost it."""

    name: ClassVar[str] = "stream.ended"


@dataclass(frozen=True, slots=True)
class CacheCleared(Event):
    """Somebody emptied the cache in memory."""

    name: ClassVar[str] = "cache.cleared"


EVENTS: tuple[type[Event], ...] = (
    ContentCreated,
    ContentUpdated,
    ContentDeleted,
    ContentViewed,
    UserCreated,
    UserChanged,
    LoginSucceeded,
    ProgressSaved,
    StreamStarted,
    StreamEnded,
    CacheCleared,
)
