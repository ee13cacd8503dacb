"""What a run leaves behind for data ops to look at."""

from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from catalog_models.attention import list_failures
from catalog_models.catalogue import Content, Thumbnail
from flows.job.context import JobContext
from flows.prefect_runs.artifacts import show_failures, show_posters, show_quality
from tasks.thumbnails.contact_sheet import MOST, contact_sheet

log = logging.getLogger(__name__)

_FAILURES = 200


def show_run(place: JobContext, since: dt.datetime) -> None:
    """The quality report, the failures and the posters of a run that began at `since`, as far as there are any."""
    show_quality(place)
    try:
        failures = place.transactions.run(lambda work: list_failures(work.session, _FAILURES))
        show_failures(place, failures.items)
        posters, count = place.transactions.run(lambda work: _new_posters(work.session, since))
    except SQLAlchemyError as error:  # the run has said so
        log.warning("the run could not be shown: %s", error)
        return
    if posters:
        sheet = contact_sheet([(place.settings.thumbnails / path, title) for title, path in posters])
        show_posters(sheet, len(posters), count)


def _new_posters(session: Session, since: dt.datetime) -> tuple[list[tuple[str, str]], int]:
    """Titles and posters that were made since then, at most a sheet of them, and how many there are in all."""
    made = (Thumbnail.kind == "poster", Thumbnail.created_at >= since)
    best = select(Content.title, Thumbnail.path).join(
        Thumbnail, Thumbnail.media_file_id == Content.best_file_id
    )
    chosen = best.where(*made).order_by(Content.year.desc().nulls_last(), Content.title).limit(MOST)
    count = session.scalar(best.where(*made).with_only_columns(func.count())) or 0
    return [(title, path) for title, path in session.execute(chosen)], count
