"""The steps that rebuild the search index: fill a new one while the old one is searched, then swap them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catalog_models.values import format_count
from catalog_models.writes import contents
from flows.job.context import JobContext, Progress
from flows.job.steps import StepResult, step
from flows.search.descriptions import WordsForgotten
from flows.search.server import STAGE, SearchServer
from flows.search.title_rows import TitleRange, count_shown, ranges_of_shown, shown_between
from orchestration.transactions import Transactions

Versions = Mapping[uuid.UUID, dt.datetime]

# The index that a rebuild fills.
_NEW = "titles_next"


@dataclass(frozen=True, kw_only=True)
class IndexMade(StepResult):
    """An empty index beside the one that is searched, and the ranges of titles that fill it."""

    ranges: tuple[TitleRange, ...]


@step("make-index", STAGE, tag="net")
def make_index(context: JobContext, _forgotten: WordsForgotten) -> IndexMade:
    """Make an empty index with our settings beside the one that is searched."""
    server = SearchServer(context.settings)
    ranges = _make(server, context.transactions, context.progress)
    titles = context.transactions.run(count_shown)
    return IndexMade(ranges=ranges, did=f"new index for {format_count(titles, 'title')}")


@dataclass(frozen=True, kw_only=True)
class IndexFilled(StepResult):
    """The titles of the new index, each with the time of its last change."""

    pushed: Versions = field(default_factory=dict)


@step("fill-index", STAGE, tag="net")
def fill_index(context: JobContext, titles: TitleRange) -> IndexFilled:
    """Send a range of the shown titles to the new index."""
    pushed = _fill(SearchServer(context.settings), context.transactions, titles, context.advance)
    return IndexFilled(pushed=pushed, did=f"{format_count(len(pushed), 'title')} sent")


@dataclass(frozen=True, kw_only=True)
class IndexSwapped(StepResult):
    """The new index is searched. It was filled with `titles`."""

    titles: int


# Never repeated: a second swap would bring the old index back.
@step("swap-index", STAGE, tag="net", retries=0)
def swap_index(context: JobContext, filled: IndexFilled) -> IndexSwapped:
    """Search in the new index from now on, and delete the old one.

    Titles that changed meanwhile are due again.
    """
    _swap(SearchServer(context.settings), context.transactions, filled.pushed)
    titles = len(filled.pushed)
    return IndexSwapped(titles=titles, did=f"new index with {format_count(titles, 'title')} in use")


def rebuild(server: SearchServer, transactions: Transactions, progress: Progress) -> int:
    """Do the work of these steps at once; return the number of titles in the index."""
    pushed: dict[uuid.UUID, dt.datetime] = {}
    for titles in _make(server, transactions, progress):
        pushed |= _fill(server, transactions, titles, progress.advance)
    _swap(server, transactions, pushed)
    return len(pushed)


def _make(server: SearchServer, transactions: Transactions, progress: Progress) -> tuple[TitleRange, ...]:
    from tasks.search import index

    server.call(index.make, _NEW)
    progress.begin(STAGE, transactions.run(count_shown), "titles")
    return transactions.run(ranges_of_shown)


def _fill(
    server: SearchServer,
    transactions: Transactions,
    titles: TitleRange,
    advance: Callable[[str, int], None],
) -> dict[uuid.UUID, dt.datetime]:
    from tasks.search import index

    pushed: dict[uuid.UUID, dt.datetime] = {}
    last = titles.after
    while rows := transactions.run(shown_between(last, titles.until)):
        server.call(index.push, [index.document(row._asdict()) for row in rows], name=_NEW)
        pushed |= {row.id: row.updated_at for row in rows}
        last = rows[-1].id
        advance(STAGE, len(rows))
    return pushed


def _swap(server: SearchServer, transactions: Transactions, pushed: Versions) -> None:
    from tasks.search import index
    from tasks.search.client import finish

    server.call(index.expect_something_to_swap)
    # Only once: a second try after a lost response would swap back.
    swapping = server.call_once(index.swap, _NEW)
    server.call(finish, swapping)
    server.call(index.drop, _NEW)
    transactions.in_session(contents.mark_rebuilt, pushed)
