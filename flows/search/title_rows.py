"""The titles of the search server, as the tables have them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from catalog_models.search.index import version_of
from catalog_models.tables import Content
from catalog_models.writes import contents
from orchestration.transactions import Transaction, Transactions
from tasks.search.titles import COLUMNS, IS_DUE, Title, due

ROWS = 500
"""Titles of one request and of one transaction."""

MOST_RANGES = 150
"""The most task runs that fill an index."""

START = uuid.UUID(int=0)


@dataclass(frozen=True)
class TitleRange:
    """A range of shown titles by id: those after `after`, up to and including `until`. None: without an end.

    `first` and `last` number them. Titles that are shown later may also lie in the range.
    """

    after: uuid.UUID
    until: uuid.UUID | None
    first: int
    last: int

    @property
    def label(self) -> str:
        return f"titles {self.first:,} to {self.last:,}" if self.last else "no titles"


def ranges_of_shown(work: Transaction) -> tuple[TitleRange, ...]:
    """Return ranges that contain all shown titles, each at least `ROWS` of them; at least one range."""
    count = count_shown(work)
    size = max(ROWS, -(-count // MOST_RANGES))
    number = func.row_number().over(order_by=Content.id)
    numbered = select(Content.id, number.label("number")).where(Content.is_visible).subquery("numbered")
    ends = select(numbered.c.id).where(numbered.c.number % size == 0, numbered.c.number < count)
    found = list(work.session.scalars(ends.order_by(numbered.c.id)))
    return tuple(
        TitleRange(after, until, at * size + 1, min((at + 1) * size, count))
        for at, (after, until) in enumerate(zip([START, *found], [*found, None], strict=True))
    )


def shown_between(after: uuid.UUID, until: uuid.UUID | None) -> Callable[[Transaction], Sequence[Title]]:
    """Return a query of the first `ROWS` shown titles of a range."""
    query = select(*COLUMNS).where(Content.is_visible, Content.id > after).order_by(Content.id).limit(ROWS)
    if until is not None:
        query = query.where(Content.id <= until)
    return lambda work: work.session.execute(query).all()


def count_shown(work: Transaction) -> int:
    """Return the number of titles that are shown."""
    return work.session.scalar(select(func.count()).select_from(Content).where(Content.is_visible)) or 0


def shown_versions(work: Transaction, sample: int | None = None) -> dict[str, str]:
    """Return the versions of all shown titles, or of a random sample, by their ids."""
    query = select(Content.id, Content.updated_at).where(Content.is_visible)
    if sample is not None:
        query = query.order_by(func.random()).limit(sample)
    return {str(key): version_of(version) for key, version in work.session.execute(query)}


def due_titles(work: Transaction) -> Sequence[Title]:
    """Return the first `ROWS` titles that changed since they were indexed."""
    return work.session.execute(due().limit(ROWS)).all()


def count_due(work: Transaction) -> int:
    """Return the number of titles that changed since they were indexed."""
    return work.session.scalar(select(func.count()).select_from(Content).where(IS_DUE)) or 0


def mark_indexed(transactions: Transactions, rows: Sequence[Title]) -> None:
    """Record that the search server has these titles as they were read."""
    seen = {row.id: row.updated_at for row in rows}
    transactions.in_session(contents.mark_indexed, seen)
