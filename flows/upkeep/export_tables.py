"""The tables of an export, and their columns."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table

from catalog_models.tables import (
    AuditEntry,
    Base,
    Content,
    ContentOverride,
    ContentView,
    DailyStatistics,
    FindingRow,
    Fixity,
    Hand,
    MediaFile,
    Rendition,
    Root,
    Series,
    User,
    UserPreferences,
    WatchlistEntry,
    WatchProgress,
)

# In the order in which rows may be inserted. Other tables can be rebuilt (pictures, words of the
# search, copies on the SSD), or are temporary (sign-in sessions, players, alerts, failures).
_TABLES: dict[str, type[Base]] = {
    "users": User,
    "roots": Root,
    "series": Series,
    "titles": Content,
    "edits": ContentOverride,
    "files": MediaFile,
    "findings": FindingRow,
    "hands": Hand,
    "progress": WatchProgress,
    "watchlist": WatchlistEntry,
    "preferences": UserPreferences,
    "views": ContentView,
    "audit": AuditEntry,
    "renditions": Rendition,
    "fixity": Fixity,
    "statistics": DailyStatistics,
}

NAMES = tuple(_TABLES)
"""The names of the tables in an export, in the order in which rows may be inserted."""

OF_THE_MOMENT = {
    "titles": {"indexed_at", "thumbnail_path"},
    "files": {"claimed_by", "claimed_until", "thumbnails_at"},
    "views": {"playback_session_id"},
}
"""Columns that are not exported, by table."""

AT_ONCE = 1_000
"""Rows that are read or inserted at a time."""


def table(name: str) -> Table:
    """Return the table of this name in an export."""
    return cast("Table", _TABLES[name].__table__)
