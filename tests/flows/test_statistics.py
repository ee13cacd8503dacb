"""Ended days are summed up, whatever is removed later."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, func, select, update

from catalog_models.tables import ContentView, DailyStatistics, PlaybackSession, User
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from flows.upkeep.statistics import Summed, days_over, store_days
from orchestration.transactions import Transactions
from tests.plugins.ingest import Archive, Ingest

FIRST = dt.date(2031, 7, 1)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2031, 7, day, hour, minute, tzinfo=dt.UTC)


@pytest.fixture
def watched(archive: Archive, ingest: Ingest) -> Ingest:
    """Record views of two users.

    Three players on the first day, two at once; one of them plays over midnight. Nothing on the second day.
    """
    archive.put("WSOP 2031 Main Event Day 1.mp4")
    ingest(archive.root)
    (title,) = ingest.titles().values()
    with ingest.session() as session, session.begin():
        people = [User(email=f"{n}@example.com", username=n, password_hash="-") for n in ("ann", "bob")]
        session.add_all(people)
        session.flush()
        for person, start, stop, sent in (
            (people[0], at(1, 10), at(1, 11), 100),
            (people[1], at(1, 10, 30), at(1, 10, 45), 50),
            (people[0], at(1, 23), at(2, 1), 7),
            (people[1], at(3, 0), at(3, 1), 1),
        ):
            session.add(
                PlaybackSession(
                    user_id=person.id,
                    content_id=title.id,
                    device="a test",
                    started_at=start,
                    ended_at=stop,
                    end_reason="ended",
                    bytes_sent=sent,
                )
            )
            session.add(ContentView(content_id=title.id, user_id=person.id, viewed_at=start))
    return ingest


def sum_up(transactions: Transactions, today: dt.date | None = None) -> Summed:
    """Sum up the days before this one, as the steps do."""
    wanted = transactions.in_session(days_over, today)
    store_days(transactions, wanted)
    return wanted


def days(ingest: Ingest) -> list[tuple[int, ...]]:
    columns = ("views", "viewers", "players", "most_at_once", "bytes_sent")
    rows = sorted(ingest.rows(DailyStatistics), key=lambda row: row.day)
    return [tuple(getattr(row, name) for name in columns) for row in rows]


def test_each_day_is_summed_up_once(watched: Ingest) -> None:
    transactions = Transactions(watched.engine, watched.events.append)
    assert sum_up(transactions, FIRST) == Summed(None, None), "no day has ended"
    assert sum_up(transactions, dt.date(2031, 7, 3)).days == 2
    assert days(watched) == [(3, 2, 3, 2, 157), (0, 0, 0, 1, 0)]
    assert sum_up(transactions, dt.date(2031, 7, 3)).days == 1, (
        "the last day again: a player may have continued"
    )
    assert sum_up(transactions, dt.date(2031, 7, 6)) == Summed(dt.date(2031, 7, 2), dt.date(2031, 7, 5))
    assert days(watched)[2] == (1, 1, 1, 1, 1)
    with watched.session() as session, session.begin():
        session.execute(delete(PlaybackSession))
        session.execute(delete(DailyStatistics).where(DailyStatistics.day > dt.date(2031, 7, 1)))
    sum_up(transactions, dt.date(2031, 7, 7))
    assert days(watched)[0] == (3, 2, 3, 2, 157), "the sum stays after its rows are removed"
    with watched.session() as session:
        newest = session.scalars(select(DailyStatistics).order_by(DailyStatistics.day.desc())).first()
        assert newest is not None
        assert (newest.titles, newest.files) == (1, 1)


def test_days_before_a_long_stop_are_summed_up(watched: Ingest) -> None:
    """The first night after a stop removes what ended a month ago, but sums up its days before."""
    transactions = Transactions(watched.engine, watched.events.append)
    with watched.session() as session, session.begin():
        ago = func.now() - dt.timedelta(days=40)
        session.execute(update(PlaybackSession).values(started_at=ago, ended_at=ago))
        session.execute(update(ContentView).values(viewed_at=ago))
    context = JobContext(watched.settings, transactions, watched.pool)
    from flows.expire_sessions import expire

    assert run_in_threads(context, expire).playback_sessions == 4
    assert sum(day[2] for day in days(watched)) == 4
    sum_up(transactions)
    assert sum(day[2] for day in days(watched)) == 4
