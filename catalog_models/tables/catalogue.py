"""The viewers' side: series, programmes, and the pictures of their files."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Connection, ForeignKey, Index, UniqueConstraint, event, text
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
    """What belongs together on a shelf: `WSOP Europe 2024`."""

    __tablename__ = "series"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    region: Mapped[str | None]
    year: Mapped[int | None]
    created_at: Mapped[Created]


class Content(Base):
    """One programme, with the fields that its title was read into. Several files may show it.

    `best_file_id` is the file that plays (or would, once it is prepared), `best_file_reason` says why that one;
    `file_path` and `duration_seconds` are that file's. `status` is `ready` (plays), `preparing` (no file plays yet) or `gone` (no file is left).

    What is searched is made of the fields whenever a row is written through this class; a bulk INSERT that brings no
    document is refused by the database. `indexed_at` is the `updated_at` that the search server's document was made
    of: any other one says that the document is due.
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
        """Make what is searched of the fields as they are now; answers whether it is another than it was."""
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
        # A list is counted by the first of these, and read in order by the others, whose rows are not visited for what
        # is filtered: equal columns make the first a small one.
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
    """Nobody has to think of the search who sets a field."""
    content.describe()


class SearchWord(Base):
    """A word of a title or its fields, for the correction of typing errors; words with digits are not among them."""

    __tablename__ = "search_words"

    word: Mapped[str] = mapped_column(primary_key=True)


class ContentOverride(Base):
    """A person's edit of one field of a programme; it wins over every rule. `field` is a column of `contents` or one of
    `values.MARKS`, `value` None where a person says that there is nothing."""

    __tablename__ = "content_overrides"

    id: Mapped[Key]
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    field: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    edited_by: Mapped[str]
    edited_at: Mapped[Created]

    __table_args__ = (UniqueConstraint("content_id", "field"),)


class Thumbnail(Base):
    """A picture made of a file: `poster`, `storyboard` or `storyboard_index` (WebVTT); `path` below the home's folder.

    `generator` is the version of the code that made it; a newer generator makes it anew.
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
    created_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("media_file_id", "kind"),
        CheckConstraint("kind in ('poster', 'storyboard', 'storyboard_index')", name="kind"),
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

    Without a rule no path has been read, and the title is what people edited: other columns are left out.
    """
    if "rule" in title:
        names: Iterable[str] = _TITLE_COLUMNS
    else:
        names = [column for column in _TITLE_COLUMNS if _READ_AS.get(column, column) in title]
    fields = {column: title.get(_READ_AS.get(column, column)) for column in names}
    if date := fields.get("date"):
        fields["date"] = dt.date.fromisoformat(date)
    return fields
