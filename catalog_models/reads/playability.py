"""The playability of the archive: the files that play, and the needs of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from catalog_models.reads.renditions import CURRENT_RENDITION
from catalog_models.tables import MediaFile, Rendition

VERDICTS = ("direct", "remux", "transcode", "broken")


@dataclass(frozen=True)
class Amount:
    """A number of files, their bytes, and their hours as far as known."""

    files: int
    bytes: int
    hours: float


@dataclass(frozen=True)
class Reason:
    """Why files do not play as they are; a file may have several reasons."""

    verdict: str
    reason: str
    amount: Amount


@dataclass(frozen=True)
class PlayabilityReport:
    """The present files by verdict (`unread`: without facts yet), and the reasons, the most bytes first.

    `prepared` files do not play as they are, but have a rendition that does.
    """

    verdicts: dict[str, Amount]
    prepared: Amount
    reasons: list[Reason]


_AMOUNT: tuple[ColumnElement[int], ColumnElement[int], ColumnElement[float]] = (
    func.count(),
    func.coalesce(func.sum(MediaFile.size), 0),
    func.coalesce(func.sum(MediaFile.duration_seconds), 0.0),
)


def playability(session: Session) -> PlayabilityReport:
    """Return how many files of all roots play, and why the others do not."""
    there = MediaFile.missing_since.is_(None)
    verdict = func.coalesce(MediaFile.playability, "unread")
    found = {
        name: _amount(*rest)
        for name, *rest in _rows(session, select(verdict, *_AMOUNT).where(there).group_by(verdict))
    }
    named = select(MediaFile.id, func.unnest(MediaFile.playability_reasons).label("reason")).subquery("named")
    reasons = (
        select(MediaFile.playability, named.c.reason, *_AMOUNT)
        .join(named, named.c.id == MediaFile.id)
        .where(there, MediaFile.playability != "direct")
        .group_by(MediaFile.playability, named.c.reason)
        .order_by(_AMOUNT[1].desc(), named.c.reason)
    )
    standing = (
        select(*_AMOUNT).join(Rendition, CURRENT_RENDITION).where(there, MediaFile.playability != "direct")
    )
    (prepared,) = _rows(session, standing)
    return PlayabilityReport(
        {name: found.get(name, Amount(0, 0, 0.0)) for name in (*VERDICTS, "unread")},
        _amount(*prepared),
        [Reason(name, reason, _amount(*rest)) for name, reason, *rest in _rows(session, reasons)],
    )


def _rows(session: Session, statement: Select[Any]) -> list[Any]:
    return [tuple(row) for row in session.execute(statement)]


def _amount(files: int, size: int, seconds: float) -> Amount:
    return Amount(files, int(size), round(seconds / 3_600, 4))
