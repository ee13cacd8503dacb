"""Statistics of each day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from catalog_models.tables.base import Base, Created


class DailyStatistics(Base):
    """A day (UTC) with its views, the viewers who had them, and its playback sessions (`players`).

    `most_at_once` is the most sessions that played at the same time, `bytes_sent` what they received.
    `titles`, `files` and `archive_bytes` describe the archive on that day; None if the day was only summed up
    later.
    """

    __tablename__ = "daily_statistics"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    views: Mapped[int]
    viewers: Mapped[int]
    players: Mapped[int]
    most_at_once: Mapped[int]
    bytes_sent: Mapped[int] = mapped_column(BigInteger)
    titles: Mapped[int | None]
    files: Mapped[int | None]
    archive_bytes: Mapped[int | None] = mapped_column(BigInteger)
    summed_at: Mapped[Created]
