"""Load related files, their titles, and which files a moderator assigned."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, load_only, undefer_group

from catalog_models.reads.renditions import CURRENT_RENDITION
from catalog_models.tables import Content, MediaFile, Rendition
from catalog_models.values import Playability
from tasks.catalogue.programmes import CatalogueFile

OWN_KEY = "human:"
"""The beginning of the key of a title that was split off.

No path produces it, so no file joins it by a rule.
"""


@dataclass(frozen=True)
class RelatedFiles:
    """Files, and all titles that they show, have shown, or share a key with."""

    files: Sequence[MediaFile]
    titles: Mapping[uuid.UUID, Content]
    with_rendition: Collection[uuid.UUID] = ()

    def catalogue_files(self) -> list[CatalogueFile]:
        """Return the files as `programmes` sees them, each under the key of the title that it belongs to."""
        held = {title.content_key for title in self.titles.values()}
        heirs = self._heirs()
        found = []
        for file in self.files:
            key = _key(file)
            owner = self._pinned_to(file) or (heirs.get(key) if key not in held else None)
            seen = _catalogue_file(
                file, owner.content_key if owner else key, self._pinned_to(file) is not None
            )
            found.append(replace(seen, has_rendition=file.id in self.with_rendition))
        return found

    def _pinned_to(self, file: MediaFile) -> Content | None:
        return self.titles.get(file.content_id) if file.content_id and file.grouped_by == "human" else None

    def _heirs(self) -> dict[str, Content]:
        """Return the titles that take new files of keys without a title: files of the keys were merged.

        Titles that were split off take none, because a moderator contradicted the file names. A key whose
        files have a title of their own is not included.
        """
        merged: dict[str, Counter[uuid.UUID]] = defaultdict(Counter)
        shown: dict[str, set[uuid.UUID]] = defaultdict(set)
        for file in self.files:
            title = self._pinned_to(file)
            if title is None and file.content_id:
                shown[_key(file)].add(file.content_id)
            elif title is not None and not title.content_key.startswith(OWN_KEY):
                merged[_key(file)][title.id] += 1
        heirs = {key: _most(counts) for key, counts in merged.items()}
        return {key: self.titles[heir] for key, heir in heirs.items() if shown[key] <= {heir}}


def _most(counts: Counter[uuid.UUID]) -> uuid.UUID:
    return max(counts, key=lambda key: (counts[key], key))


def related_to(session: Session, touched: Sequence[MediaFile]) -> RelatedFiles:
    """Return these files, and all that share a key or a title with them, directly or through others."""
    keys = {_key(file) for file in touched}
    ids = {file.content_id for file in touched if file.content_id}
    while True:
        titles = _titles(session, keys, ids)
        ids |= titles.keys()
        files = _files(session, keys, ids)
        more = (
            {_key(file) for file in files} - keys,
            {file.content_id for file in files if file.content_id} - ids,
        )
        if not any(more):
            return RelatedFiles(files, titles, _with_rendition(session, files))
        keys |= more[0]
        ids |= more[1]


# Both load fresh rows: the caller may have loaded them before it had the lock, or only some columns.
def _files(session: Session, keys: Collection[str], ids: Collection[uuid.UUID]) -> Sequence[MediaFile]:
    like = or_(MediaFile.content_key.in_(keys), MediaFile.content_id.in_(ids))
    query = select(MediaFile).where(like).order_by(MediaFile.id)
    wanted = load_only(*_COLUMNS, raiseload=True)
    return session.scalars(query.execution_options(populate_existing=True).options(wanted)).all()


def _with_rendition(session: Session, files: Sequence[MediaFile]) -> set[uuid.UUID]:
    query = select(MediaFile.id).join(Rendition, CURRENT_RENDITION)
    return set(session.scalars(query.where(MediaFile.id.in_([file.id for file in files]))))


def _titles(session: Session, keys: Collection[str], ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Content]:
    query = select(Content).where(or_(Content.content_key.in_(keys), Content.id.in_(ids)))
    fresh = query.execution_options(populate_existing=True).options(undefer_group("search"))
    return {content.id: content for content in session.scalars(fresh)}


_COLUMNS = (
    MediaFile.path_text,
    MediaFile.content_key,
    MediaFile.content_id,
    MediaFile.grouped_by,
    MediaFile.missing_since,
    MediaFile.quarantined_at,
    MediaFile.quality_at,
    MediaFile.playability,
    MediaFile.variant,
    MediaFile.width,
    MediaFile.height,
    MediaFile.bit_rate,
    MediaFile.duration_seconds,
    MediaFile.title,
)


def _key(file: MediaFile) -> str:
    return file.content_key or str(file.id)


def _catalogue_file(file: MediaFile, key: str, pinned: bool) -> CatalogueFile:
    present = file.missing_since is None
    return CatalogueFile(
        id=file.id,
        path_text=file.path_text,
        content_key=key,
        content_id=file.content_id,
        usable=present and file.quarantined_at is None and file.quality_at is not None,
        present=present,
        playability=Playability(file.playability) if file.playability else None,
        variant=file.variant,
        width=file.width,
        height=file.height,
        bit_rate=file.bit_rate,
        duration_seconds=file.duration_seconds,
        title=file.title or {},
        pinned=pinned,
    )
