"""The days that are over are summed up, once for all: what their rows are made of is forgotten after a while."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.statistics import DailyStatistics
from catalog_models.values import counted
from catalog_models.watching import ContentView, PlaybackSession
from catalog_models.writes import daily_statistics
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from orchestration.transactions import Transactions


@dataclass(frozen=True)
class Now:
    """The moment of a run: steps without another input take it."""

    label: str = ""


@dataclass(frozen=True)
class Summed:
    """The days that were summed up, both included; None when none is over yet."""

    first: dt.date | None
    last: dt.date | None

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


@dataclass(frozen=True, kw_only=True)
class DaysSummedUp(StepResult):
    """The days whose statistics are stored."""

    summed: Summed


@step("sum-up-days", "statistics", tag="cpu")
def sum_up_days(context: JobContext, _now: Now) -> DaysSummedUp:
    """Sum up what was watched on each day that is over."""
    summed = sum_up(context.transactions)
    return DaysSummedUp(summed=summed, did=f"{counted(summed.days, 'day')}")


def sum_up(transactions: Transactions, today: dt.date | None = None) -> Summed:
    """All days (UTC) before `today` that were not summed up, and the last one again: a player may have played over midnight."""

    def work(session: Session) -> Summed:
        now = today or session.scalar(select(func.timezone("utc", func.now()))).date()  # type: ignore[union-attr]
        last, first = now - dt.timedelta(days=1), _first(session)
        if first is None or first > last:
            return Summed(None, None)
        daily_statistics.sum_up(session, first, last)
        return Summed(first, last)

    return transactions.run(lambda transaction: work(transaction.session))


def _first(session: Session) -> dt.date | None:
    """The last day that was summed up, or the first one that anything happened on and is still known of."""
    last = session.scalar(select(func.max(DailyStatistics.day)))
    if last is not None:
        return last
    began = [
        session.scalar(select(func.min(func.timezone("utc", moment))))
        for moment in (ContentView.viewed_at, PlaybackSession.started_at)
    ]
    return min((moment.date() for moment in began if moment is not None), default=None)
