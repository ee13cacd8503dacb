"""Users, their sign-in sessions, and the audit log."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from catalog_models.tables.base import Base, Created, Key, Moment, Updated


class User(Base):
    """A user, who can sign in once approved (`approved_at`) and while `is_active`.

    `email` and `username` are unique regardless of case; `password_hash` is a hash by bcrypt.
    """

    __tablename__ = "users"

    id: Mapped[Key]
    email: Mapped[str]
    password_hash: Mapped[str]
    username: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="user")
    subscription_status: Mapped[str] = mapped_column(server_default="free")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    approved_at: Mapped[Moment | None]
    last_login_at: Mapped[Moment | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    __table_args__ = (
        CheckConstraint("role in ('user', 'moderator', 'admin')", name="role"),
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("uq_users_username", text("lower(username)"), unique=True),
    )


class LoginSession(Base):
    """One sign-in on one device, and the family of its refresh tokens.

    `refresh_id` names the current refresh token. `previous_refresh_id` names the one that was exchanged for
    it at `rotated_at`; both are null before the first exchange.
    """

    __tablename__ = "login_sessions"

    id: Mapped[Key]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    refresh_id: Mapped[uuid.UUID]
    previous_refresh_id: Mapped[uuid.UUID | None]
    rotated_at: Mapped[Moment | None]
    device: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[Created]
    used_at: Mapped[Created]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    end_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(
            "end_reason in ('logout', 'ended', 'reused', 'password', 'deactivated', 'expired')",
            name="end_reason",
        ),
        Index(None, "user_id"),
        Index("ix_login_sessions_open", "expires_at", postgresql_where=text("ended_at is null")),
    )


class UserPreferences(Base):
    """The preferences of a user: `chosen` has those that the user set, by name."""

    __tablename__ = "user_preferences"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    chosen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    updated_at: Mapped[Updated]


class AuditEntry(Base):
    """A change by a moderator, an admin or the operator: an `action` (`user.role_changed`) on a target.

    `target_kind` is, for example, `user`. `actor` is a name, which remains if the user is deleted; on the
    command line it is the name of the operator's account on the machine.
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Created]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor: Mapped[str]
    action: Mapped[str]
    target_kind: Mapped[str]
    target_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    address: Mapped[str | None]

    __table_args__ = (Index(None, "at"), Index(None, "target_kind", "target_id"))


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change: a user (`user_id`), or the account on the command line; and the address."""

    name: str
    user_id: uuid.UUID | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ShownToken:
    """The ids of a refresh token whose signature is valid."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    refresh_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Rotation:
    """The current refresh token of a sign-in. `repeated`: an earlier exchange made it."""

    refresh_id: uuid.UUID
    expires_at: dt.datetime
    repeated: bool
