"""The known files that a scan compares with those that it finds."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import BigInteger, ColumnElement, any_, case, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile, Root
from catalog_models.values import Walk
from flows.ingest.other_roots import Location
from tasks.scan import KnownFile


def known_files(session: Session, scope: Scope | None, lost_paths: Collection[bytes]) -> list[KnownFile]:
    """Return the files of the scope, and possible origins of moves.

    Origins are the missing files of all roots, and the files of `lost_paths`: roots that do not exist, such
    as renamed ones.
    """
    lost_roots = session.scalars(select(Root.id).where(Root.path.in_(lost_paths))).all()
    inside: ColumnElement[bool] = within(scope) if scope else MediaFile.root_id.is_(None)
    lost = or_(MediaFile.missing_since.is_not(None), MediaFile.root_id.in_(lost_roots))
    columns = (
        MediaFile.id,
        MediaFile.path,
        MediaFile.size,
        MediaFile.mtime_ns,
        MediaFile.fingerprint,
        MediaFile.missing_since.is_not(None),
        ~inside if scope else MediaFile.id.is_not(None),
        case((MediaFile.missing_since.is_(None) & MediaFile.root_id.in_(lost_roots), MediaFile.root_id)),
        MediaFile.forgotten_at.is_not(None),
    )
    query = select(*columns).where(or_(inside, lost))
    with _no_collecting():
        return [KnownFile(*row) for row in session.execute(query)]


def files_outside(
    session: Session, scope: Scope | None, met: Walk, known: Sequence[KnownFile]
) -> dict[Location, KnownFile]:
    """Return present files of other folders and roots that may have moved here.

    A file of the same size was found here under an unknown path.
    """
    here = {file.path for file in known if not (file.missing or file.elsewhere)}
    sizes = {found.size for found in met.videos if found.path not in here}
    if not sizes:
        return {}
    columns = (
        MediaFile.id,
        MediaFile.path,
        MediaFile.size,
        MediaFile.mtime_ns,
        MediaFile.fingerprint,
        Root.path,
    )
    outside = ~within(scope) if scope else true()
    query = (
        select(*columns)
        .join(Root, Root.id == MediaFile.root_id)
        .where(outside, MediaFile.missing_since.is_(None))
    )
    rows = session.execute(query.where(MediaFile.size == any_(literal(list(sizes), ARRAY(BigInteger)))))
    return {
        (root, path): KnownFile(key, path, size, mtime, fingerprint, missing=False, elsewhere=True)
        for key, path, size, mtime, fingerprint, root in rows
    }


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Pause the garbage collector.

    Hundreds of thousands of rows have no cycles, and looking for some takes four times as long as loading
    them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
