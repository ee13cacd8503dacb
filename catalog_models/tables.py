"""All tables in one place, for migrations and for whoever reads several of them."""

from __future__ import annotations

from catalog_models.archive import FindingRow, MediaFile, Root, StageFailure
from catalog_models.base import Base
from catalog_models.catalogue import Content, ContentOverride, SearchWord, Series, Thumbnail

__all__ = [
    "Base",
    "Content",
    "ContentOverride",
    "FindingRow",
    "MediaFile",
    "Root",
    "SearchWord",
    "Series",
    "StageFailure",
    "Thumbnail",
]
