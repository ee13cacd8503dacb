"""Pictures of files: where they are written, which are lost, and the posters of titles."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile, Thumbnail
from catalog_models.values import ClaimedFile, Picture, Stage
from catalog_models.writes import contents, file_claims, stage_results, thumbnails
from flows.ingest.visit import PictureTarget
from flows.job.context import JobContext
from orchestration.events import ContentUpdated
from orchestration.transactions import Transaction
from tasks.thumbnails.generator import GENERATOR


def picture_target(context: JobContext, file: ClaimedFile) -> PictureTarget:
    """Return where the pictures of a file are written."""
    return PictureTarget(context.settings.thumbnails, f"{str(file.id)[:2]}/{file.id}")


def show_pictures(transaction: Transaction, made: Mapping[uuid.UUID, Sequence[Picture]]) -> None:
    """Store pictures, and make those of files that play the posters of their titles."""
    session = transaction.session
    thumbnails.store(session, made, GENERATOR)
    file_claims.finish(session, Stage.THUMBNAILS, list(made))
    transaction.announce(*(ContentUpdated(key) for key in contents.show_posters(session, list(made))))


def find_lost_pictures(context: JobContext, scope: Scope | None) -> None:
    """Mark pictures as due again that were deleted, or made by an older version of the step."""

    def find(transaction: Transaction) -> None:
        made = select(Thumbnail.media_file_id, Thumbnail.path).join(
            MediaFile, MediaFile.id == Thumbnail.media_file_id
        )
        known = transaction.session.execute(made.where(within(scope), MediaFile.thumbnails_at.is_not(None)))
        lost = {key for key, path in known if not (context.settings.thumbnails / path).exists()}
        stage_results.invalidate_pictures(transaction.session, GENERATOR, lost)

    context.transactions.run(find)


def check_writable(context: JobContext) -> None:
    """Note if the folder of pictures cannot be written: one message instead of many dead letters."""
    folder = context.settings.thumbnails
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        note_unwritable(context, f"cannot make {folder}: {error.strerror}")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        note_unwritable(context, f"{folder} is not writable: no pictures were made")


def note_unwritable(context: JobContext, reason: str) -> None:
    """Note, once, why no more pictures are made in this run."""
    if context.notes.unwritable is None:
        context.notes.unwritable = reason
        context.progress.warn(reason)
