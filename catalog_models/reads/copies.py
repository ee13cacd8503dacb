"""The copies on the SSD, and how often each was played."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog_models import heat


@dataclass(frozen=True)
class CachedCopy:
    """A copy of `size` bytes.

    `hits` sessions played it, which kept `bytes_sent` off the archive; `views` are those of its title in the
    last days.
    """

    id: uuid.UUID
    title: str
    path: str
    size: int
    why: str
    played: bool
    hits: int
    bytes_sent: int
    views: int
    copied_at: dt.datetime | None
    used_at: dt.datetime | None


def list_copies(session: Session, days: int) -> list[CachedCopy]:
    """Return the copies that are ready, the next to be evicted first; `views` of the last `days`."""
    return [
        CachedCopy(
            id=each.copy.id,
            title=each.name,
            path=each.path_text,
            size=each.copy.size,
            why=each.why,
            played=each.played,
            hits=each.copy.hits,
            bytes_sent=each.copy.bytes_sent,
            views=each.heat.views if each.heat else 0,
            copied_at=each.copy.ready_at,
            used_at=each.copy.used_at,
        )
        for each in heat.held(session, days)
    ]
