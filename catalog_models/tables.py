"""All tables in one place, for migrations and for whoever reads several of them."""

from __future__ import annotations

from catalog_models.alerts import Alert
from catalog_models.archive import FindingRow, MediaFile, Root, StageFailure
from catalog_models.base import Base
from catalog_models.cached import CachedFile
from catalog_models.catalogue import Content, ContentOverride, SearchWord, Series, Thumbnail
from catalog_models.fixity import Fixity, FixityFailure
from catalog_models.people import AuditEntry, LoginSession, User
from catalog_models.renditions import Rendition
from catalog_models.statistics import DailyStatistics
from catalog_models.watching import ContentView, Hand, PlaybackSession, WatchProgress

__all__ = [
    "Alert",
    "AuditEntry",
    "Base",
    "CachedFile",
    "Content",
    "ContentOverride",
    "ContentView",
    "DailyStatistics",
    "FindingRow",
    "Fixity",
    "FixityFailure",
    "Hand",
    "LoginSession",
    "MediaFile",
    "PlaybackSession",
    "Rendition",
    "Root",
    "SearchWord",
    "Series",
    "StageFailure",
    "Thumbnail",
    "User",
    "WatchProgress",
]
