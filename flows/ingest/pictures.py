"""Pictures of files: where they are written, which are lost or superseded, and the posters of titles."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from catalog_models.picture_files import files_of, superseded
from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile, Thumbnail
from catalog_models.values import ClaimedFile, Picture, Stage
from catalog_models.writes import contents, file_claims, stage_results, thumbnails
from flows.ingest.visit import PictureTarget
from flows.job.context import JobContext
from orchestration.events import ContentUpdated
from orchestration.transactions import Transaction
from tasks.thumbnails.generator import GENERATOR

# The share of a visit's deadline after which it gives up on pictures.
_SHARE_OF_VISIT = 0.6


def picture_target(context: JobContext, file: ClaimedFile) -> PictureTarget:
    """Return where the pictures of a file are written."""
    # A visit beyond the deadline would have to read the facts again.
    seconds = context.settings.probe_deadline * _SHARE_OF_VISIT
    return PictureTarget(context.settings.thumbnails, _name_of(file.id), seconds)


def _name_of(file_id: uuid.UUID) -> str:
    return f"{str(file_id)[:2]}/{file_id}"


def show_pictures(transaction: Transaction, made: Mapping[uuid.UUID, Sequence[Picture]]) -> None:
    """Store pictures, and make those of files that play the posters of their titles."""
    session = transaction.session
    thumbnails.store(session, made, GENERATOR)
    file_claims.finish(session, Stage.THUMBNAILS, list(made))
    transaction.announce(*(ContentUpdated(key) for key in contents.show_posters(session, list(made))))


def remove_superseded(context: JobContext, made: Mapping[uuid.UUID, Sequence[Picture]]) -> None:
    """Remove files of earlier pictures that the new ones of these files have not replaced.

    Call it once the new ones are stored: until then the rows refer to the earlier ones.
    """
    folder = context.settings.thumbnails
    for key, pictures in made.items():
        kept = {
            path
            for picture in pictures
            for path in files_of(picture.kind, picture.path, picture.widths, picture.parts)
        }
        for path in superseded(_name_of(key)) - kept:
            with contextlib.suppress(OSError):
                os.unlink(folder / path)


def find_lost_pictures(context: JobContext, scope: Scope | None) -> None:
    """Make pictures due again if one of their files was deleted."""

    def find(transaction: Transaction) -> None:
        made = select(
            Thumbnail.media_file_id, Thumbnail.kind, Thumbnail.path, Thumbnail.widths, Thumbnail.parts
        ).join(MediaFile, MediaFile.id == Thumbnail.media_file_id)
        known = transaction.session.execute(made.where(within(scope), MediaFile.thumbnails_at.is_not(None)))
        existing = _Existing(context.settings.thumbnails)
        lost = {key for key, *row in known if not all(map(existing.has, files_of(*row)))}
        stage_results.invalidate_pictures(transaction.session, lost)

    context.transactions.run(find)


class _Existing:
    """The files below a folder. Listing its folders once is faster than a check of each file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, frozenset[str]] = {}

    def has(self, path: str) -> bool:
        """Return whether a file exists at this relative path."""
        below, name = os.path.split(path)
        if below not in self._names:
            try:
                self._names[below] = frozenset(os.listdir(self._folder / below))
            except OSError:
                self._names[below] = frozenset()
        return name in self._names[below]


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
