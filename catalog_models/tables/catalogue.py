"""The catalogue: series, titles, edits of titles, thumbnails, and the words of the search."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, Mapper, mapped_column
from sqlalchemy.types import BigInteger, Text

from catalog_models.search.document import SOURCES, document_of
from catalog_models.tables.base import Base, Created, Key, Moment, Updated
from catalog_models.values import TITLE_FIELDS

_VECTOR = (
    "setweight(to_tsvector('simple', search_title), 'A') || setweight(to_tsvector('simple', search_fields), 'B')"
    " || setweight(to_tsvector('simple', search_path), 'C')"
)


FILTERS = ("brand", "region", "year", "event_type", "game", "stage", "content_type", "quality", "series_id")
"""Columns of `contents` that lists and searches are filtered by."""

_SORTS = {
    "title": "title",
    "year": "year desc nulls last",
    "date": "date desc nulls last",
    "created_at": "created_at desc",
    "duration_seconds": "duration_seconds desc nulls last",
}


class Series(Base):
    """Titles that belong together: `WSOP Europe 2024`."""

    __tablename__ = "series"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    region: Mapped[str | None]
    year: Mapped[int | None]
    created_at: Mapped[Created]


class Content(Base):
    """One title, with the fields that were read from the path. Several files may show it.

    `best_file_id` is the file that plays, or that will play once it has a rendition. `best_file_reason` says
    why it was chosen; `file_path` and `duration_seconds` are those of this file. `status` is `ready` (it
    plays), `preparing` (no file plays yet) or `gone` (all files are missing).

    Writing a row through this class also writes its search document. The database refuses a bulk INSERT
    without one. `indexed_at` is the `updated_at` of which the search server's document was made; if they
    differ, the document is due.
    """

    __tablename__ = "contents"

    id: Mapped[Key]
    content_key: Mapped[str]
    title: Mapped[str]
    short_title: Mapped[str]
    description: Mapped[str | None]
    duration_seconds: Mapped[float | None]
    file_path: Mapped[str | None]
    thumbnail_path: Mapped[str | None]
    series_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    brand: Mapped[str | None]
    region: Mapped[str | None]
    year: Mapped[int | None]
    date: Mapped[dt.date | None]
    event_type: Mapped[str | None]
    event_number: Mapped[int | None]
    event_name: Mapped[str | None]
    buy_in: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    game: Mapped[str | None]
    stage: Mapped[str | None]
    day: Mapped[str | None]
    part: Mapped[int | None]
    season: Mapped[int | None]
    episode: Mapped[int | None]
    players: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    hands: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    hand_number: Mapped[int | None]
    content_type: Mapped[str | None]
    quality: Mapped[str | None]
    title_confidence: Mapped[float | None]
    title_rule: Mapped[str | None]
    is_visible: Mapped[bool] = mapped_column(server_default="false")
    status: Mapped[str] = mapped_column(server_default="preparing")
    best_file_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("media_files.id", ondelete="SET NULL", use_alter=True)
    )
    best_file_reason: Mapped[str | None]
    search_title: Mapped[str] = mapped_column(deferred=True, deferred_group="search")
    search_fields: Mapped[str] = mapped_column(deferred=True, deferred_group="search")
    search_path: Mapped[str] = mapped_column(deferred=True, deferred_group="search")
    search_players: Mapped[list[str]] = mapped_column(ARRAY(Text), deferred=True, deferred_group="search")
    search_vector: Mapped[str] = mapped_column(TSVECTOR, Computed(_VECTOR, persisted=True), deferred=True)
    indexed_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    def describe(self) -> bool:
        """Write the search document of the fields as they are now. Return whether it has changed."""
        document = document_of({name: getattr(self, name) for name in SOURCES})
        differing = {
            name: words for name, words in document._asdict().items() if getattr(self, name) != words
        }
        for name, words in differing.items():
            setattr(self, name, words)
        return bool(differing)

    __table_args__ = (
        # Deferred, so that two titles can swap their keys when their files swap their names.
        UniqueConstraint("content_key", deferrable=True, initially="DEFERRED"),
        CheckConstraint("quality in ('sd', 'hd', '4k')", name="quality"),
        CheckConstraint("status in ('ready', 'preparing', 'gone')", name="status"),
        # Lists are counted by the first index, and read in order by the others. These include the columns of
        # all filters, so that no row is visited. The first one is small, as PostgreSQL stores equal keys only
        # once.
        Index("ix_contents_filters", "status", *FILTERS, postgresql_where=text("is_visible")),
        *(
            Index(
                f"ix_contents_by_{name}",
                text(order),
                *(column for column in ("title", "id") if column != name),
                postgresql_include=["status", *(column for column in FILTERS if column != name)],
                postgresql_where=text("is_visible"),
            )
            for name, order in _SORTS.items()
        ),
        # A tenth of the size of the table, which the facets of events and buy-ins would otherwise read.
        Index(
            "ix_contents_events",
            "event_name",
            "buy_in",
            postgresql_include=["status", *FILTERS],
            postgresql_where=text("is_visible"),
        ),
        Index(
            "ix_contents_newest",
            *(text(f"{name} desc nulls last") for name in ("year", "date")),
            "title",
            "id",
        ),
        Index("ix_contents_search_vector", "search_vector", postgresql_using="gin"),
        Index("ix_contents_search_players", "search_players", postgresql_using="gin"),
        Index("ix_contents_unindexed", "id", postgresql_where=text("indexed_at is distinct from updated_at")),
        Index(None, "series_id"),
        Index(None, "created_at"),
    )


@event.listens_for(Content, "before_insert")
@event.listens_for(Content, "before_update")
def _describe(_mapper: Mapper[Content], _connection: Connection, content: Content) -> None:
    """Update the search document whenever a field is set."""
    content.describe()


class SearchWord(Base):
    """A word without digits of a title or its fields, for the correction of typing errors."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(primary_key=True)


class ContentOverride(Base):
    """A person's edit of one field of a title, which wins over every rule.

    `field` is a column of `contents` or one of `values.MARKS`; the `value` None empties it.
    """

    __tablename__ = "content_overrides"

    id: Mapped[Key]
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    field: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    edited_by: Mapped[str]
    edited_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("content_id", "field"),)


class KnownPlayer(Base):
    """A player whom a person confirmed; the reader of titles finds the name in sentences."""

    __tablename__ = "known_players"

    name: Mapped[str] = mapped_column(primary_key=True)
    confirmed_by: Mapped[str]
    confirmed_at: Mapped[Created]


class Thumbnail(Base):
    """A picture of a file, at a `path` below the folder of pictures.

    The kinds are `poster`, `preview`, `storyboard` and `storyboard_index` (WebVTT). `values.Picture`
    describes the columns. `generator` is the version of the code that made the picture; `make-thumbnails`
    makes older ones again. Until then they have no `version`, `widths` or `parts`.
    """

    __tablename__ = "thumbnails"

    id: Mapped[Key]
    media_file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    kind: Mapped[str]
    generator: Mapped[int]
    path: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str | None]
    widths: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    thumbhash: Mapped[bytes | None] = mapped_column(LargeBinary)
    parts: Mapped[int | None]
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("media_file_id", "kind"),
        CheckConstraint("kind in ('poster', 'preview', 'storyboard', 'storyboard_index')", name="kind"),
    )


_TITLE_COLUMNS = (
    "title",
    "short_title",
    "description",
    "date",
    "title_confidence",
    "title_rule",
    *TITLE_FIELDS,
)
_READ_AS = {"title": "display_title", "title_confidence": "confidence", "title_rule": "rule"}


def title_columns(title: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a title as read from a path fills.

    Without a rule no path has been read, and the title consists of edits: other columns are left out.
    """
    if "rule" in title:
        names: Iterable[str] = _TITLE_COLUMNS
    else:
        names = [column for column in _TITLE_COLUMNS if _READ_AS.get(column, column) in title]
    fields = {column: title.get(_READ_AS.get(column, column)) for column in names}
    if date := fields.get("date"):
        fields["date"] = dt.date.fromisoformat(date)
    return fields
