"""All tables, and the value types of their rows.

Import models from here: PostgreSQL's foreign keys are resolved only if all tables are known.
"""

from __future__ import annotations

from catalog_models.tables.alerts import Alert
from catalog_models.tables.archive import FindingRow, MediaFile, Root, StageFailure
from catalog_models.tables.base import Base
from catalog_models.tables.cached_files import CachedFile, Reservation
from catalog_models.tables.catalogue import (
    FILTERS,
    Content,
    ContentOverride,
    KnownPlayer,
    SearchWord,
    Series,
    Thumbnail,
    title_columns,
)
from catalog_models.tables.fixity import Fixity, FixityFailure
from catalog_models.tables.people import (
    Actor,
    AuditEntry,
    LoginSession,
    Rotation,
    ShownToken,
    User,
    UserPreferences,
)
from catalog_models.tables.playback import (
    ContentView,
    EndedPlayback,
    Hand,
    PlaybackSession,
    RenewedPlayback,
    WatchlistEntry,
    WatchPosition,
    WatchProgress,
)
from catalog_models.tables.renditions import Rendition
from catalog_models.tables.statistics import DailyStatistics

__all__ = [
    "FILTERS",
    "Actor",
    "Alert",
    "AuditEntry",
    "Base",
    "CachedFile",
    "Content",
    "ContentOverride",
    "ContentView",
    "DailyStatistics",
    "EndedPlayback",
    "FindingRow",
    "Fixity",
    "FixityFailure",
    "Hand",
    "KnownPlayer",
    "LoginSession",
    "MediaFile",
    "PlaybackSession",
    "Rendition",
    "RenewedPlayback",
    "Reservation",
    "Root",
    "Rotation",
    "SearchWord",
    "Series",
    "ShownToken",
    "StageFailure",
    "Thumbnail",
    "User",
    "UserPreferences",
    "WatchPosition",
    "WatchProgress",
    "WatchlistEntry",
    "title_columns",
]
