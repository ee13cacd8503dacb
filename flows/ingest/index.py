"""The step `index-titles`: send changed titles to the search server, if there is one."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.errors import ExpectedError
from catalog_models.tables import Content, MediaFile
from catalog_models.values import format_count
from flows.ingest.batch import BatchResult
from flows.ingest.posters import BatchPictured
from flows.job.context import JobContext
from flows.job.steps import step
from flows.search.index import push_titles, update_index
from flows.search.server import STAGE


@dataclass(frozen=True, kw_only=True)
class BatchIndexed(BatchResult):
    """A batch whose titles can be found."""


@step("index-titles", STAGE, tag="net")
def index_titles(context: JobContext, pictured: BatchPictured) -> BatchIndexed:
    """Send the changed titles of a batch to the search server.

    After the last batch, compare and repair its index.

    Without MEILISEARCH_URL PostgreSQL searches, whose index is written together with the titles. A search
    server that failed is not tried again in this run; the next one sends the titles.
    """
    batch, notes = pictured.batch, context.notes
    shown = context.transactions.in_session(_shown, batch.ids)
    if context.settings.meilisearch_url is None:
        return BatchIndexed(batch=batch, did=f"{format_count(len(shown), 'title')}, found by PostgreSQL")
    if notes.search_problem:
        return BatchIndexed(batch=batch, did="nothing sent", problems=notes.search_problem)
    try:
        if batch.ids is None:
            sent = update_index(context.settings, context.transactions, context.progress).sent
        else:
            sent = push_titles(context.settings, context.transactions, shown)
    except ExpectedError as error:
        if notes.search_problem is None:
            context.progress.warn(str(error))
        notes.search_problem = str(error)
        return BatchIndexed(batch=batch, did="nothing sent", problems=str(error))
    return BatchIndexed(batch=batch, did=f"{format_count(sent, 'title')} sent to the search server")


def _shown(session: Session, files: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
    """Return the titles that these files show; None: all titles that are shown."""
    if files is None:
        return list(session.scalars(select(Content.id).where(Content.is_visible)))
    shown = select(MediaFile.content_id).where(MediaFile.id.in_(files), MediaFile.content_id.is_not(None))
    return list(session.scalars(shown.distinct()))
