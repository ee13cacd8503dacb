"""Writes the decisions of the quality gate to `media_files`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import func, literal_column
from sqlalchemy.orm import Session

from catalog_models.tables import MediaFile
from catalog_models.writes.file_updates import update_files


def store_judgement(session: Session, good: Collection[uuid.UUID], bad: Collection[uuid.UUID]) -> None:
    """Store the gate's decision: `good` files enter the catalogue, `bad` ones are quarantined."""
    judged = {"quality_at": func.now(), "catalogue_at": None}
    since = func.coalesce(MediaFile.quarantined_at, func.now())
    session.execute(update_files(good).values(**judged, quarantined_at=None))
    session.execute(update_files(bad).values(**judged, quarantined_at=since))


def approve(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Store the facts of these files as the approved ones, with which the gate compares them from now on."""
    facts = {
        "at": func.now(),
        "size": MediaFile.size,
        "fingerprint": func.encode(MediaFile.fingerprint, "hex"),
        "duration_seconds": MediaFile.duration_seconds,
        "sound_tracks": func.coalesce(func.jsonb_array_length(MediaFile.audio), 0),
        "width": MediaFile.width,
        "height": MediaFile.height,
    }
    pairs = [part for name, value in facts.items() for part in (literal_column(f"'{name}'"), value)]
    session.execute(update_files(file_ids).values(approved=func.jsonb_build_object(*pairs)))


def clear_approved(
    session: Session, file_ids: Collection[uuid.UUID], judge_again: Collection[uuid.UUID]
) -> None:
    """Clear the approved facts of these files, and have the gate judge those of `judge_again` once more."""
    session.execute(update_files(file_ids).values(approved=None))
    session.execute(update_files(judge_again).values(quality_at=None))


def retry_quarantined(
    session: Session, file_ids: Collection[uuid.UUID], *, accept: bool = False
) -> list[uuid.UUID]:
    """Have the next ingest read and judge these files again. Return those that are present and quarantined.

    `accept` also clears their approved facts, so that they are judged as they are.
    """
    again = dict.fromkeys(("metadata_at", "quality_at", "catalogue_at", "thumbnails_at"))
    bad = (MediaFile.quarantined_at.is_not(None), MediaFile.missing_since.is_(None))
    cleared = {"approved": None} if accept else {}
    statement = update_files(file_ids).where(*bad).values(**again, **cleared).returning(MediaFile.id)
    return list(session.scalars(statement))


def quarantine(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Quarantine these files: the catalogue does not show them."""
    newly = update_files(file_ids).where(MediaFile.quarantined_at.is_(None))
    session.execute(newly.values(quarantined_at=func.now(), catalogue_at=None))
