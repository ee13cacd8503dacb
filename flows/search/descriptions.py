"""The text that PostgreSQL searches, and the vocabulary for correcting typing errors.

Both are written together with the titles. They may be outdated after an upgrade that describes titles
differently, and after manual changes of the tables.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from catalog_models.tables import Content
from catalog_models.values import format_count
from catalog_models.writes import contents, search_words
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from orchestration.transactions import Transaction, Transactions

_STAGE = "search"
# Titles per transaction.
_ROWS = 500
_START = uuid.UUID(int=0)


@dataclass(frozen=True)
class AllTitles:
    """All titles of the catalogue."""

    label: str = "all titles"


@dataclass(frozen=True, kw_only=True)
class TitlesDescribed(StepResult):
    """The text of all titles is up to date: `corrected` texts differed, `added` words were unknown."""

    corrected: int
    added: int


@step("describe-titles", _STAGE, tag="cpu")
def describe_titles(context: JobContext, _titles: AllTitles) -> TitlesDescribed:
    """Compare the text that PostgreSQL searches with the titles, and correct it."""
    corrected, added = describe_all(context.transactions, context.cancellation.check)
    did = f"texts compared, {format_count(corrected, 'title')} corrected, {format_count(added, 'word')} added"
    return TitlesDescribed(corrected=corrected, added=added, did=did)


@dataclass(frozen=True, kw_only=True)
class WordsForgotten(StepResult):
    """`words` that no title has any more were removed."""

    words: int


@step("forget-words", _STAGE, tag="cpu")
def forget_words(context: JobContext, _described: TitlesDescribed) -> WordsForgotten:
    """Remove the words that no title has any more."""
    words = context.transactions.run(_forget_unused)
    return WordsForgotten(words=words, did=f"{format_count(words, 'unused word')} removed")


def _forget_unused(work: Transaction) -> int:
    # No words can be added meanwhile.
    contents.lock(work.session)
    return search_words.remove_unused(work.session)


def describe_all(transactions: Transactions, between: Callable[[], None] = lambda: None) -> tuple[int, int]:
    """Correct all texts and words, a batch of titles per transaction; call `between` before each batch.

    Return the number of titles with a wrong text, and of their unknown words.
    """
    corrected = added = 0
    last: uuid.UUID | None = _START
    while last is not None:
        between()
        count, words, last = transactions.run(_describe, last)
        corrected, added = corrected + count, added + words
    return corrected, added


def _describe(work: Transaction, last: uuid.UUID) -> tuple[int, int, uuid.UUID | None]:
    # No titles can be described and no words added meanwhile.
    contents.lock(work.session)
    query = select(Content).where(Content.id > last).order_by(Content.id).limit(_ROWS)
    titles = work.session.scalars(query.options(undefer_group("search"))).all()
    differing = sum(title.describe() for title in titles)
    shown = [title for title in titles if title.is_visible]
    words = search_words.add(
        work.session, (part for title in shown for part in (title.search_title, title.search_fields))
    )
    return differing, words, titles[-1].id if titles else None
