"""The steps `read-titles` and `compare-titles`: titles as the current rules read them from paths."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from catalog_models.reads.due_files import count_due
from catalog_models.reads.known_players import known_names, unread_hands
from catalog_models.scope import Scope
from catalog_models.tables import MediaFile
from catalog_models.values import Stage, format_count
from catalog_models.writes import stage_results
from flows.ingest.batch import Batch, files_or_nothing, sweep
from flows.ingest.scope import Scoped
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from orchestration.transactions import Transaction
from tasks.titles import KNOWN, PATH_KEY, Known, Title, known_players, read_title, seated_players

TITLED_BY = (MediaFile.root_id, MediaFile.path_text)
"""The columns that `title_of` reads."""

# Files per transaction.
_ROWS = 500

_FIELDS = tuple(field.name for field in dataclasses.fields(Title))


def title_of(file: MediaFile, known: Known = KNOWN) -> dict[str, Any]:
    """Return the fields of a file's title; sentences in its name may mention the known players.

    A content key that is a path gets the root, because it is valid only there.
    """
    read = read_title(file.path_text) if known is KNOWN else read_title(file.path_text, known)
    title = {field: getattr(read, field) for field in _FIELDS}
    if title["content_key"] and title["content_key"].startswith(PATH_KEY):
        title["content_key"] = f"{file.root_id}/{title['content_key']}"
    return title


@dataclass(frozen=True, kw_only=True)
class TitlesRead(StepResult):
    """The titles of a scope are read; `due` files of it lack metadata."""

    scope: Scope | None
    due: int


@step("read-titles", "title", tag="cpu")
def read_titles(context: JobContext, scoped: Scoped) -> TitlesRead:
    """Read titles from the paths of files that are new or were renamed.

    All of them are read before a file is opened: the file that is likely to play for a title may be in any
    batch.
    """
    scope = scoped.scope
    due = context.transactions.run(lambda work: [count_due(work.session, stage, scope) for stage in Stage])
    counts = dict(zip(Stage, due, strict=True))
    unread = counts[Stage.METADATA]
    # Both load their libraries while titles are read.
    if unread:
        context.pool.start()
    if unread or counts[Stage.QUALITY]:
        context.gate.start()
    context.progress.begin(Stage.TITLE, counts[Stage.TITLE])
    known = context.transactions.run(_known) if counts[Stage.TITLE] else KNOWN
    done = sweep(context, Stage.TITLE, Batch(scope), partial(_store, known=known), TITLED_BY)
    context.progress.begin(Stage.METADATA, unread)
    for stage in (Stage.QUALITY, Stage.CATALOGUE):
        context.progress.begin(stage, counts[stage] + unread)
    return TitlesRead(scope=scope, due=unread, did=f"{files_or_nothing(done)}, {unread:,} to open")


def _known(transaction: Transaction) -> Known:
    """Return the players that sentences may mention, including those of hands read in this run."""
    session = transaction.session
    return known_players([*known_names(session), *seated_players(unread_hands(session))])


def _store(transaction: Transaction, files: Sequence[MediaFile], *, known: Known) -> None:
    stage_results.store_titles(transaction.session, {file.id: title_of(file, known) for file in files})


@dataclass(frozen=True)
class Retitled:
    """A file that the rules read differently now. `regrouped`: it would belong to another title."""

    path: str
    before: str
    after: str
    fields: list[str]
    regrouped: bool
    confidence: float


@dataclass(frozen=True)
class TitleDiff:
    """The changes that the current rules would make.

    Of `files`, `changed` read differently: `retitled` have another title text, `regrouped` would belong to
    another title. `samples` are the most important ones, the worst first.
    """

    files: int
    changed: int
    retitled: int
    regrouped: int
    applied: bool
    samples: list[Retitled]


@dataclass(frozen=True)
class Comparison:
    """Options of a comparison: `apply` stores the differences; at most `most` samples are returned."""

    apply: bool
    most: int = 20
    label: str = "all files"


@dataclass(frozen=True, kw_only=True)
class TitlesCompared(StepResult):
    """The differences between the stored titles and the ones that the rules read."""

    diff: TitleDiff


@step("compare-titles", "title", tag="cpu")
def compare_titles(context: JobContext, wanted: Comparison) -> TitlesCompared:
    """Compare the stored titles of all present files with current readings; store these on request."""
    found: list[Retitled] = []
    known = context.transactions.run(_known)
    seen, last = 0, None
    while rows := context.transactions.run(partial(_compare, known=known, after=last, apply=wanted.apply)):
        context.cancellation.check()
        found += [row for _id, row in rows if row is not None]
        seen += len(rows)
        last = rows[-1][0]
    worst = sorted(
        found, key=lambda row: (not row.regrouped, row.before == row.after, row.confidence, row.path)
    )
    diff = TitleDiff(
        files=seen,
        changed=len(found),
        retitled=sum(row.before != row.after for row in found),
        regrouped=sum(row.regrouped for row in found),
        applied=wanted.apply,
        samples=worst[: wanted.most],
    )
    return TitlesCompared(diff=diff, did=f"{format_count(seen, 'file')}, {len(found):,} differ")


def _compare(
    transaction: Transaction, known: Known, after: uuid.UUID | None, *, apply: bool
) -> list[tuple[uuid.UUID, Retitled | None]]:
    query = select(MediaFile).where(MediaFile.missing_since.is_(None), MediaFile.title_at.is_not(None))
    if after is not None:
        query = query.where(MediaFile.id > after)
    files = transaction.session.scalars(query.order_by(MediaFile.id).limit(_ROWS)).all()
    titles = {file.id: title_of(file, known) for file in files}
    rows = [(file.id, _difference(file, titles[file.id])) for file in files]
    changed = {key: titles[key] for key, row in rows if row is not None}
    if apply and changed:
        stage_results.store_titles(transaction.session, changed)
    return rows


def _difference(file: MediaFile, title: Mapping[str, Any]) -> Retitled | None:
    before = file.title or {}
    fields = [name for name, value in title.items() if _plain(before.get(name)) != _plain(value)]
    if not fields:
        return None
    return Retitled(
        path=file.path_text,
        before=str(before.get("display_title") or ""),
        after=str(title["display_title"] or ""),
        fields=fields,
        regrouped="content_key" in fields and file.grouped_by == "rule",
        confidence=float(title["confidence"]),
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON stores it: a list for a tuple."""
    return list(value) if isinstance(value, tuple) else value
