"""What is on the SSD, for whoever asks."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from catalog_models import heat
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.promotion.folder import room_in
from tasks.promotion.policy import HOT_DAYS


@dataclass(frozen=True)
class OneCopy:
    """A copy: `bytes_sent` were kept off the archive by `hits` sessions; `views` are those of the last days."""

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


@dataclass(frozen=True)
class Copies:
    """All copies, the one that leaves next first; bytes that they fill, and may. `budget` None: the folder is not there."""

    folder: str
    used: int
    budget: int | None
    copies: list[OneCopy]


def look(settings: Settings, transactions: Transactions) -> Copies:
    """All of them."""
    found = transactions.run(lambda work: _copies(work.session))
    used, folder = sum(copy.size for copy in found), settings.cache_folder
    return Copies(str(folder), used, _budget(folder, used, settings.cache_bytes), found)


def _budget(folder: Path, used: int, budget: int | None) -> int | None:
    try:
        return room_in(folder, used, budget)
    except OSError:
        return None


def _copies(session: Session) -> list[OneCopy]:
    return [
        OneCopy(
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
        for each in heat.held(session, HOT_DAYS)
    ]
