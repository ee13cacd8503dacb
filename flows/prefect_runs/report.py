"""The report of an ingest: the summary in its log, and its artifacts."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from prefect.context import FlowRunContext
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalog_models.reads.problem_files import Problem, ProblemLine, list_problem
from catalog_models.reads.review_lists import DeadLetter, Page, list_failures
from catalog_models.scope import Scope, within_any
from catalog_models.tables import Content, MediaFile, Thumbnail
from flows.ingest.summary import Summary
from flows.prefect_runs.artifacts import (
    show_failures,
    show_missing,
    show_posters,
    show_quality,
    show_summary,
)
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.run_log import log_problems, log_stages
from tasks.thumbnails.generator import SHEET

log = logging.getLogger(__name__)

# Dead letters that are shown, the latest.
_FAILURES = 200
# New titles that are named.
_TITLES = 50


@dataclass(frozen=True)
class _Found:
    """The data of a run in the database: names of `new` titles, and posters (path, title) of those `made`."""

    problems: dict[Problem, list[ProblemLine]]
    failures: Page[DeadLetter]
    titles: list[str]
    new: int
    posters: list[tuple[str, str]]
    made: int

    @classmethod
    def nothing(cls) -> _Found:
        """Return the result for a run that ended before it knew its files."""
        return cls({problem: [] for problem in Problem}, Page([], 0, _FAILURES, 0), [], 0, [], 0)


def show_ingest(steps: PrefectExecutor, outcome: object) -> None:
    """Log the result of the run, with the names of files that have problems, and show its artifacts."""
    context, flow = steps.context, FlowRunContext.get()
    log_stages(context.progress)
    since = flow.flow_run.start_time if flow and flow.flow_run else None
    try:
        found = context.transactions.in_session(_find, context.notes.scopes, since)
    except SQLAlchemyError as error:
        # The steps have reported that the database is away.
        log.warning("the artifacts of the run could not be created: %s", error)
        return
    log_problems(found.problems)
    if isinstance(outcome, Summary):
        show_summary(outcome, context.notes.previous, found.titles, found.new)
    show_missing(found.problems[Problem.MISSING])
    show_quality(context.notes.judgements)
    show_failures(found.failures.items, found.failures.total, steps.failed_in)
    if found.posters:
        posters = [(context.settings.thumbnails / path, title) for path, title in found.posters]
        show_posters(posters, found.made)


def _find(session: Session, scopes: Sequence[Scope | None], since: dt.datetime | None) -> _Found:
    # Without a scope the queries would return the files of all roots.
    if not scopes:
        return _Found.nothing()
    problems = {problem: list_problem(session, problem, scopes) for problem in Problem}
    mine = or_(within_any(scopes), MediaFile.id.is_(None))
    titles, new = _new_titles(session, and_(mine, Content.created_at >= since, Content.is_visible))
    posters, made = _new_posters(session, and_(mine, Thumbnail.created_at >= since))
    failures = list_failures(session, _FAILURES, scopes=scopes)
    return _Found(problems, failures, titles, new, posters, made)


def _new_titles(session: Session, which: ColumnElement[bool]) -> tuple[list[str], int]:
    """Return names of titles, by year, and their total number."""
    query = select(Content.title).outerjoin(MediaFile, MediaFile.id == Content.best_file_id).where(which)
    count = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    ordered = query.order_by(Content.year.desc().nulls_last(), Content.title).limit(_TITLES)
    return list(session.scalars(ordered)), count


def _new_posters(session: Session, which: ColumnElement[bool]) -> tuple[list[tuple[str, str]], int]:
    """Return posters for a sheet, evenly sampled by year and title, and their total number."""
    order = (Content.year.desc().nulls_last(), Content.title, Content.id)
    posters = (
        select(
            Thumbnail.path,
            Content.title,
            func.row_number().over(order_by=order).label("place"),
            func.count().over().label("made"),
        )
        .join(MediaFile, MediaFile.id == Thumbnail.media_file_id)
        .join(Content, Content.best_file_id == MediaFile.id)
        .where(Thumbnail.kind == "poster", which)
        .subquery("new_posters")
    )
    here, made = posters.c.place, posters.c.made
    # Whole-number divisions: a poster is taken where the number of the tile grows.
    chosen = or_(made <= SHEET, here * SHEET // made > (here - 1) * SHEET // made)
    rows = session.execute(select(posters).where(chosen).order_by(here)).all()
    return [(path, title) for path, title, _place, _made in rows], rows[0].made if rows else 0
