"""The artifacts of an ingest: quality report, failures, and the posters that it made."""

from __future__ import annotations

import datetime as dt
import logging

from prefect.context import FlowRunContext
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalog_models.attention import list_failures
from catalog_models.catalogue import Content, Thumbnail
from flows.ingest.summary import Summary
from flows.prefect_runs.artifacts import show_failures, show_posters, show_quality, show_summary
from flows.prefect_runs.executor import PrefectExecutor
from tasks.thumbnails.contact_sheet import MOST, contact_sheet

log = logging.getLogger(__name__)

_FAILURES = 200


def show_ingest(steps: PrefectExecutor, outcome: object) -> None:
    """Show the summary, the quality report, the failures and the posters of a run, as far as there are any."""
    context, flow = steps.context, FlowRunContext.get()
    if isinstance(outcome, Summary):
        show_summary(outcome)
    show_quality(context.notes.judgements)
    since = flow.flow_run.start_time if flow and flow.flow_run else None
    try:
        failures = context.transactions.run(lambda work: list_failures(work.session, _FAILURES))
        show_failures(failures.items, steps.failed_in)
        posters, count = context.transactions.run(lambda work: _new_posters(work.session, since))
    except SQLAlchemyError as error:
        # The run has reported it.
        log.warning("the run's artifacts could not be made: %s", error)
        return
    if posters:
        sheet = contact_sheet([(context.settings.thumbnails / path, title) for title, path in posters])
        show_posters(sheet, len(posters), count)


def _new_posters(session: Session, since: dt.datetime | None) -> tuple[list[tuple[str, str]], int]:
    """Return titles and posters that were made since then, a sheet of them, and how many there are in all."""
    made = (Thumbnail.kind == "poster", Thumbnail.created_at >= since)
    best = select(Content.title, Thumbnail.path).join(
        Thumbnail, Thumbnail.media_file_id == Content.best_file_id
    )
    chosen = best.where(*made).order_by(Content.year.desc().nulls_last(), Content.title).limit(MOST)
    count = session.scalar(best.where(*made).with_only_columns(func.count())) or 0
    return [(title, path) for title, path in session.execute(chosen)], count
