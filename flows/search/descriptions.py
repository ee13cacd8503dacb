"""What PostgreSQL searches is made to be what the titles say: another version described them otherwise, or somebody wrote to
the tables by hand."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from catalog_models.catalogue import Content
from catalog_models.writes import contents, search_words
from orchestration.transactions import Transaction, Transactions

_ROWS = 500  # titles a batch
_START = uuid.UUID(int=0)


def describe_all(transactions: Transactions) -> tuple[int, int]:
    """How many titles were described otherwise than they should be, and how many of their words were unknown; both are
    mended, a batch of titles a transaction."""
    mended, last = 0, _START
    learned = 0
    while True:
        count, words, after = transactions.run(lambda work, last=last: _describe(work, last))  # type: ignore[misc]
        mended, learned = mended + count, learned + words
        if after is None:
            return mended, learned
        last = after


def _describe(work: Transaction, last: uuid.UUID) -> tuple[int, int, uuid.UUID | None]:
    contents.lock(work.session)  # nobody describes titles, or learns words, meanwhile
    query = select(Content).where(Content.id > last).order_by(Content.id).limit(_ROWS)
    titles = work.session.scalars(query.options(undefer_group("search"))).all()
    differing = sum(title.describe() for title in titles)
    shown = [title for title in titles if title.is_visible]
    words = search_words.learn(
        work.session, (part for title in shown for part in (title.search_title, title.search_fields))
    )
    return differing, words, titles[-1].id if titles else None
