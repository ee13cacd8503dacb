"""Alerts: problems that an admin should look at."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created, Key, Moment


class Alert(Base):
    """A problem, from `raised_at` until `resolved_at`.

    `subject`: the block, flow, disk, process, root or file; at most one alert of a kind and subject is open.
    `confirmed_at`: when the process that the alert is about last confirmed it, which a killed process no
    longer does. `reported_at`: when the raising or resolving of an alert about files was logged and sent;
    null: not yet. Other alerts are reported by the process that raises or resolves them.
    """

    __tablename__ = "alerts"

    id: Mapped[Key]
    kind: Mapped[str]
    subject: Mapped[str]
    message: Mapped[str]
    raised_at: Mapped[Created]
    confirmed_at: Mapped[Created]
    resolved_at: Mapped[Moment | None] = mapped_column()
    reported_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint(
            "kind in ('block_down', 'error_rate', 'ssd_full', 'flow_failed', 'damage', 'missing_files', "
            "'quarantined_files', 'failed_files')",
            name="kind",
        ),
        Index("uq_alerts_open", "kind", "subject", unique=True, postgresql_where=text("resolved_at is null")),
        Index(None, "raised_at"),
    )
