"""Group files into titles: load related files, decide in `programmes`, store the decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.reads.content_overrides import edits_of
from catalog_models.tables import Content, MediaFile, Thumbnail, title_columns
from catalog_models.writes import contents, stage_results
from orchestration.events import ContentCreated, ContentDeleted, ContentEvent, ContentUpdated
from tasks.catalogue.programmes import Programme, adopt, edit, group
from tasks.catalogue.related_files import related_to


def regroup(session: Session, touched: Sequence[MediaFile]) -> list[ContentEvent]:
    """Update the titles that these files show or showed. Return the events to publish."""
    contents.lock(session)
    related = related_to(session, touched)
    known = related.titles
    programmes = group(related.catalogue_files())
    owners = adopt(programmes, {content.content_key: content.id for content in known.values()})
    rows = rows_of(session, _edited(session, programmes, owners))
    events = [event for key, content_id in owners.items() for event in _change(known[content_id], rows[key])]
    for content in known.values():
        if content.content_key in rows and content.id not in owners.values():
            # Another title took its key.
            contents.change(content, {"content_key": str(content.id)})
    # A title that cannot be shown and never was shown is not created.
    created = contents.create(
        session, [rows[p.content_key] for p in programmes if p.best and p.content_key not in owners]
    )
    events += [ContentCreated(content_id) for content_id in created.values()]
    owners |= created
    links = {file.id: owners.get(p.content_key, file.content_id) for p in programmes for file in p.files}
    left = {file.content_id for file in related.files if file.content_id} - set(owners.values())
    events += [ContentDeleted(key) for key in contents.withdraw(session, left)]
    stage_results.assign_titles(session, links)
    return events


def _change(content: Content, columns: Mapping[str, Any]) -> list[ContentEvent]:
    was_visible = content.is_visible
    if not contents.change(content, columns):
        return []
    vanished = was_visible and not content.is_visible
    return [ContentDeleted(content.id) if vanished else ContentUpdated(content.id)]


def _edited(
    session: Session, programmes: Sequence[Programme], owners: Mapping[str, uuid.UUID]
) -> list[Programme]:
    """Return the programmes with the edits of moderators in place of the fields that the rules read."""
    edits = edits_of(session, list(owners.values()))
    return [
        edit(programme, edits.get(owners[programme.content_key], {}))
        if programme.content_key in owners
        else programme
        for programme in programmes
    ]


def rows_of(session: Session, programmes: Sequence[Programme]) -> dict[str, dict[str, Any]]:
    """Return the columns of each programme's title, by its key."""
    series = contents.series_ids(session, [(p.series, p.title) for p in programmes if p.series])
    best = [programme.best.id for programme in programmes if programme.best]
    query = select(Thumbnail.media_file_id, Thumbnail.path).where(Thumbnail.kind == "poster")
    posters = dict(session.execute(query.where(Thumbnail.media_file_id.in_(best))).tuples().all())
    return {programme.content_key: _columns(programme, series, posters) for programme in programmes}


def _columns(
    programme: Programme, series: Mapping[str, uuid.UUID], posters: Mapping[uuid.UUID, str]
) -> dict[str, Any]:
    best = programme.best
    return {
        **title_columns(programme.title),
        "content_key": programme.content_key,
        "series_id": series.get(programme.series or ""),
        "is_visible": best is not None and not programme.hidden,
        "status": programme.status,
        "quality": programme.quality,
        "best_file_id": best and best.id,
        "best_file_reason": programme.reason,
        "file_path": best and best.path_text,
        "duration_seconds": best and best.duration_seconds,
        "thumbnail_path": best and posters.get(best.id),
    }
