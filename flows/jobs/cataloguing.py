"""Programmes from files: loads what belongs together, lets the catalogue step decide, stores the decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, load_only, undefer_group

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Content, Thumbnail
from catalog_models.values import Playability
from catalog_models.writes import content_overrides, contents, media_files
from orchestration.events import ContentCreated, ContentDeleted, ContentUpdated
from orchestration.transactions import Transaction
from tasks.catalogue import CatalogueFile, Programme, adopt, edit, group


def regroup(transaction: Transaction, touched: Sequence[MediaFile]) -> None:
    """Bring the titles that these files show, and those that they showed, up to date."""
    session = transaction.session
    contents.lock(session)
    files = _with_their_like(session, touched)
    programmes = group(_seen(file) for file in files)
    known = _contents(session, programmes, files)
    owners = adopt(programmes, {content.content_key: content.id for content in known.values()})
    rows = _rows(session, _edited(session, programmes, owners))
    for key, content_id in owners.items():
        _change(transaction, known[content_id], rows[key])
    for content in known.values():
        if content.content_key in rows and content.id not in owners.values():
            contents.change(content, {"content_key": str(content.id)})  # another took its name
    # What cannot be shown and never was needs no title.
    created = contents.create(
        session, [rows[p.content_key] for p in programmes if p.best and p.content_key not in owners]
    )
    transaction.announce(*(ContentCreated(content_id) for content_id in created.values()))
    owners |= created
    links = {file.id: owners.get(p.content_key, file.content_id) for p in programmes for file in p.files}
    left = {file.content_id for file in files if file.content_id} - set(owners.values())
    transaction.announce(*(ContentDeleted(key) for key in contents.withdraw(session, left)))
    media_files.store_programmes(session, links)


def _change(transaction: Transaction, content: Content, columns: Mapping[str, Any]) -> None:
    was_visible = content.is_visible
    if contents.change(content, columns):
        vanished = was_visible and not content.is_visible
        transaction.announce(ContentDeleted(content.id) if vanished else ContentUpdated(content.id))


def _with_their_like(session: Session, touched: Sequence[MediaFile]) -> Sequence[MediaFile]:
    """These files, and all that share a key or a title with them."""
    keys = {file.content_key for file in touched}
    titles = {file.content_id for file in touched if file.content_id}
    like = or_(MediaFile.content_key.in_(keys), MediaFile.content_id.in_(titles))
    query = select(MediaFile).where(like).order_by(MediaFile.id)
    # Fresh: what was locked for this stage holds two columns only.
    return session.scalars(
        query.execution_options(populate_existing=True).options(load_only(*_SEEN, raiseload=True))
    ).all()


_SEEN = (
    MediaFile.path_text,
    MediaFile.content_key,
    MediaFile.content_id,
    MediaFile.missing_since,
    MediaFile.quarantined_at,
    MediaFile.quality_at,
    MediaFile.playability,
    MediaFile.variant,
    MediaFile.height,
    MediaFile.bit_rate,
    MediaFile.duration_seconds,
    MediaFile.title,
)


def _seen(file: MediaFile) -> CatalogueFile:
    present = file.missing_since is None
    return CatalogueFile(
        id=file.id,
        path_text=file.path_text,
        content_key=file.content_key or str(file.id),
        content_id=file.content_id,
        usable=present and file.quarantined_at is None and file.quality_at is not None,
        present=present,
        playability=Playability(file.playability) if file.playability else None,
        variant=file.variant,
        height=file.height,
        bit_rate=file.bit_rate,
        duration_seconds=file.duration_seconds,
        title=file.title or {},
    )


def _contents(
    session: Session, programmes: Sequence[Programme], files: Sequence[MediaFile]
) -> Mapping[uuid.UUID, Content]:
    keys = [programme.content_key for programme in programmes]
    ids = {file.content_id for file in files if file.content_id}
    query = select(Content).where(or_(Content.content_key.in_(keys), Content.id.in_(ids)))
    found = session.scalars(query.options(undefer_group("search")))
    return {content.id: content for content in found}


def _edited(
    session: Session, programmes: Sequence[Programme], owners: Mapping[str, uuid.UUID]
) -> list[Programme]:
    """The programmes as people want them: their edits in place of what the rules read."""
    edits = content_overrides.of(session, list(owners.values()))
    return [
        edit(programme, edits.get(owners[programme.content_key], {}))
        if programme.content_key in owners
        else programme
        for programme in programmes
    ]


def _rows(session: Session, programmes: Sequence[Programme]) -> dict[str, dict[str, Any]]:
    """The columns that each programme's title shall have, by its key."""
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
        **contents.fields_of(programme.title),
        "content_key": programme.content_key,
        "series_id": series.get(programme.series or ""),
        "is_visible": best is not None,
        "status": programme.status,
        "quality": programme.quality,
        "best_file_id": best and best.id,
        "best_file_reason": programme.reason,
        "file_path": best and best.path_text,
        "duration_seconds": best and best.duration_seconds,
        "thumbnail_path": best and posters.get(best.id),
    }
