"""The steps that sum up ended days, because the rows behind the sums are removed later."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import ContentView, DailyStatistics, PlaybackSession
from catalog_models.values import format_count
from catalog_models.writes import daily_statistics
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from orchestration.transactions import Transactions

_STAGE = "statistics"


@dataclass(frozen=True)
class Now:
    """The input of a first step that needs none."""

    label: str = ""


@dataclass(frozen=True)
class Summed:
    """The days that were summed up, from `first` to `last` inclusive; None: no day."""

    first: dt.date | None
    last: dt.date | None

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


@dataclass(frozen=True, kw_only=True)
class DaysFound(StepResult):
    """The days to sum up."""

    wanted: Summed


@step("find-days", _STAGE, tag="cpu")
def find_days(context: JobContext, _now: Now) -> DaysFound:
    """Find the days to sum up: ended days without a sum, and the last day with one."""
    wanted = context.transactions.in_session(days_over)
    return DaysFound(wanted=wanted, did=f"{format_count(wanted.days, 'day')} to sum up")


@dataclass(frozen=True, kw_only=True)
class DaysSummedUp(StepResult):
    """The days whose statistics are stored."""

    summed: Summed


@step("sum-up-days", _STAGE, tag="cpu")
def sum_up_days(context: JobContext, found: DaysFound) -> DaysSummedUp:
    """Aggregate the statistics of each of these days."""
    store_days(context.transactions, found.wanted)
    until = f" until {found.wanted.last}" if found.wanted.days else ""
    return DaysSummedUp(summed=found.wanted, did=f"{format_count(found.wanted.days, 'day')}{until} summed up")


def days_over(session: Session, today: dt.date | None = None) -> Summed:
    """Return the days (UTC) before `today` without a sum, and the last one with a sum.

    It is summed up again: a player may have played over midnight.
    """
    now = today or session.scalar(select(func.timezone("utc", func.now()))).date()  # type: ignore[union-attr]
    last, first = now - dt.timedelta(days=1), _first(session)
    return Summed(None, None) if first is None or first > last else Summed(first, last)


def store_days(transactions: Transactions, days: Summed) -> None:
    """Store the statistics of these days."""
    first, last = days.first, days.last
    if first is not None and last is not None:
        transactions.in_session(daily_statistics.sum_up, first, last)


def _first(session: Session) -> dt.date | None:
    """Return the last day that was summed up, or the first one with views or playback sessions."""
    last = session.scalar(select(func.max(DailyStatistics.day)))
    if last is not None:
        return last
    began = [
        session.scalar(select(func.min(func.timezone("utc", moment))))
        for moment in (ContentView.viewed_at, PlaybackSession.started_at)
    ]
    return min((moment.date() for moment in began if moment is not None), default=None)
