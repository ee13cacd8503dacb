"""Writes the output of stages to `media_files`: facts, titles, the state of thumbnails."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import LargeBinary, bindparam, case, func
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile
from catalog_models.values import Inspection
from catalog_models.writes.file_updates import UNCLAIMED, update_each, update_files, update_where


def store_inspections(session: Session, inspections: Mapping[uuid.UUID, Inspection]) -> None:
    """Store the facts of files. The gate judges them again; pictures of other content become due."""
    same_content = MediaFile.fingerprint == bindparam("new_fingerprint", type_=LargeBinary)
    update_each(
        session,
        [{"id": key, **_facts(inspection)} for key, inspection in inspections.items()],
        thumbnails_at=case((same_content, MediaFile.thumbnails_at)),
        metadata_at=func.now(),
        quality_at=None,
        catalogue_at=None,
        **UNCLAIMED,
    )


def _facts(inspection: Inspection) -> dict[str, Any]:
    facts, video = inspection.facts, inspection.facts.video
    return {
        "fingerprint": inspection.fingerprint.digest,
        "container": facts.container,
        "duration_seconds": facts.duration_seconds,
        "bit_rate": facts.bit_rate,
        "video_codec": video and video.codec,
        "video_profile": video and video.profile,
        "pixel_format": video and video.pixel_format,
        "width": video and video.width,
        "height": video and video.height,
        "rotation": video and video.rotation,
        "sample_aspect": video and video.sample_aspect,
        "frame_rate": video and video.frame_rate,
        "interlaced": video and video.interlaced,
        "still": video and video.still,
        "audio": [dataclasses.asdict(track) for track in facts.audio],
        "chapters": [dataclasses.asdict(chapter) for chapter in facts.chapters],
        "moov": facts.moov,
        "truncated": facts.truncated,
        "encrypted": facts.encrypted,
        "decodes": facts.decodes,
        "problem": facts.problem,
        "playability": inspection.verdict.playability,
        "playability_reasons": list(inspection.verdict.reasons),
    }


def correct_duration(session: Session, file_id: uuid.UUID, seconds: float) -> None:
    """Store the measured duration of a file whose header or time stamps are wrong."""
    session.execute(update_files([file_id]).values(duration_seconds=seconds))


def store_titles(session: Session, titles: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    """Store the titles that were read from the paths of these files, as fields."""
    rows = [
        {"id": key, "title": dict(title), "content_key": title["content_key"], "variant": title["variant"]}
        for key, title in titles.items()
    ]
    update_each(session, rows, title_at=func.now(), catalogue_at=None)


def assign_titles(session: Session, titles: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
    """Store which title each file shows; None for a file that shows none yet."""
    rows = [{"id": file_id, "content_id": content_id} for file_id, content_id in titles.items()]
    update_each(session, rows, catalogue_at=func.now())


def invalidate_pictures(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Make the pictures of these files due."""
    if file_ids:
        session.execute(update_files(file_ids).values(thumbnails_at=None))


def invalidate_all_pictures(session: Session, scope: Scope | None) -> None:
    """Make all pictures of the scope due."""
    session.execute(update_where(within(scope)).values(thumbnails_at=None))
