"""Events: facts of the past that carry ids. A lost event costs latency, never correctness."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """An event. `name` is the channel on which it is published."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ContentEvent(Event):
    """An event of a title."""

    content_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class ContentCreated(ContentEvent):
    """A title was added to the catalogue."""

    name: ClassVar[str] = "content.created"


@dataclass(frozen=True, slots=True)
class ContentUpdated(ContentEvent):
    """A title's fields, files, hands or pictures changed."""

    name: ClassVar[str] = "content.updated"


@dataclass(frozen=True, slots=True)
class ContentDeleted(ContentEvent):
    """A title is no longer shown: none of its files can be shown, or it was hidden."""

    name: ClassVar[str] = "content.deleted"


@dataclass(frozen=True, slots=True)
class ContentViewed(ContentEvent):
    """A view of a title was counted."""

    name: ClassVar[str] = "content.viewed"


@dataclass(frozen=True, slots=True)
class UserEvent(Event):
    """An event of a user's account."""

    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class UserCreated(UserEvent):
    """A user registered, or was added."""

    name: ClassVar[str] = "auth.user_created"


@dataclass(frozen=True, slots=True)
class UserChanged(UserEvent):
    """A user's password, role or permission was changed from the command line."""

    name: ClassVar[str] = "auth.user_changed"


@dataclass(frozen=True, slots=True)
class LoginSucceeded(UserEvent):
    """A user signed in."""

    name: ClassVar[str] = "auth.login.success"


@dataclass(frozen=True, slots=True)
class ProgressSaved(UserEvent):
    """A user's position in a title was saved."""

    content_id: uuid.UUID
    name: ClassVar[str] = "stream.progress"


@dataclass(frozen=True, slots=True)
class StreamEvent(Event):
    """An event of a playback session."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class StreamStarted(StreamEvent):
    """A playback session got a slot."""

    name: ClassVar[str] = "stream.started"


@dataclass(frozen=True, slots=True)
class StreamEnded(StreamEvent):
    """A playback session released its slot, or lost it."""

    name: ClassVar[str] = "stream.ended"


@dataclass(frozen=True, slots=True)
class CacheCleared(Event):
    """The cache in memory was cleared."""

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
