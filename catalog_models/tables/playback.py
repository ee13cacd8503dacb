"""Playback: hands to jump to, watch progress, playback sessions, and views."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, Text

from catalog_models.tables.base import Base, Created, Key, Moment, Updated


class Hand(Base):
    """A hand of a title, in seconds from its start; the view `best_hands` has those with `is_best`."""

    __tablename__ = "hands"

    id: Mapped[Key]
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    hand_index: Mapped[int]
    start_seconds: Mapped[float]
    end_seconds: Mapped[float]
    is_best: Mapped[bool] = mapped_column(server_default="false")
    category: Mapped[str | None]
    title: Mapped[str | None]
    players: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    pot_size: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("content_id", "hand_index"),
        # Few hands are marked as best. With this index, their titles are found without reading all hands.
        Index("ix_hands_best", "content_id", postgresql_where=text("is_best")),
        CheckConstraint("start_seconds >= 0 and end_seconds > start_seconds", name="interval"),
    )


class WatchProgress(Base):
    """How far a user has watched a title, in seconds.

    `watched_at` is when the user last reached the end, or marked the title as watched; a position that is
    saved later keeps it. `dismissed_at` is when the user removed the title from "continue watching"; the next
    saved position clears it. `updated_at` is when the position was saved.
    """

    __tablename__ = "watch_progress"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    content_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("contents.id", ondelete="CASCADE"), primary_key=True
    )
    progress_seconds: Mapped[float] = mapped_column(server_default="0")
    completed: Mapped[bool] = mapped_column(server_default="false")
    watched_at: Mapped[Moment | None]
    dismissed_at: Mapped[Moment | None]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("progress_seconds >= 0", name="progress_seconds"),
        Index(None, "user_id", "updated_at"),
    )


class PlaybackSession(Base):
    """One player of one title. It waits in a queue until `started_at`, and holds a slot from then on.

    The slot is a lease: it counts while the session has not ended and was last seen (`seen_at`: bytes or a
    heartbeat) less than a lease ago. `ticket` is the order of arrival. `file_version` is the version of the
    file that it began to play; the session never gets bytes of another version.
    """

    __tablename__ = "playback_sessions"

    id: Mapped[Key]
    ticket: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    login_session_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="SET NULL")
    )
    device: Mapped[str]
    asked_at: Mapped[Created]
    started_at: Mapped[Moment | None]
    seen_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
    end_reason: Mapped[str | None]
    file_version: Mapped[str | None]
    bytes_sent: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (
        CheckConstraint(
            "end_reason in ('ended', 'expired', 'taken_over', 'left', 'revoked', 'changed')",
            name="end_reason",
        ),
        Index("ix_playback_sessions_open", "ticket", postgresql_where=text("ended_at is null")),
        Index(None, "user_id", "asked_at"),
        Index(None, "started_at"),
    )


class ContentView(Base):
    """A counted view, at most one per playback session."""

    __tablename__ = "content_views"

    id: Mapped[Key]
    content_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contents.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    playback_session_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("playback_sessions.id", ondelete="SET NULL"), unique=True
    )
    viewed_at: Mapped[Created]

    __table_args__ = (
        Index(None, "viewed_at", "content_id"),
        Index(None, "content_id"),
        # The history of a user is read from this index alone.
        Index(None, "user_id", "viewed_at", "content_id"),
    )


class WatchlistEntry(Base):
    """A title in the list of a user, who wants to watch it later."""

    __tablename__ = "watchlist"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    content_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("contents.id", ondelete="CASCADE"), primary_key=True
    )
    added_at: Mapped[Created]

    __table_args__ = (Index(None, "user_id", "added_at"),)


@dataclass(frozen=True, slots=True)
class EndedPlayback:
    """A playback session that has just ended; `played`: it had a slot."""

    id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID
    played: bool


@dataclass(frozen=True, slots=True)
class RenewedPlayback:
    """A playback session that was just seen.

    `viewed`: its view has been counted. `bytes_sent`: the total. `version`: the version of its file.
    """

    content_id: uuid.UUID
    playing: bool
    viewed: bool
    bytes_sent: int
    version: str | None = None


@dataclass(frozen=True, slots=True)
class WatchPosition:
    """How far a user has watched, in seconds."""

    seconds: float = 0.0
    completed: bool = False
