"""What is announced: facts of the past that carry ids, never truth."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ContentEvent:
    """Something happened to a programme."""

    content_id: uuid.UUID
    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ContentCreated(ContentEvent):
    """A programme came into the catalogue."""

    name: ClassVar[str] = "content.created"


@dataclass(frozen=True, slots=True)
class ContentUpdated(ContentEvent):
    """A programme's fields, files or pictures are others now."""

    name: ClassVar[str] = "content.updated"


@dataclass(frozen=True, slots=True)
class ContentDeleted(ContentEvent):
    """A programme is no longer shown, for none of its files is left or fit to be seen."""

    name: ClassVar[str] = "content.deleted"


Event = ContentEvent
