"""Writes `known_players`: the players that people confirmed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import KnownPlayer


def confirm(session: Session, names: Collection[str], confirmed_by: str) -> None:
    """Store names of players. Names that are already stored stay as they are."""
    rows = [{"name": name, "confirmed_by": confirmed_by} for name in sorted(set(names))]
    if rows:
        session.execute(insert(KnownPlayer).on_conflict_do_nothing(), rows)
