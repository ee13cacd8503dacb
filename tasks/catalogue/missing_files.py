"""Forget missing files that were deleted on purpose."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.reads.problem_files import MISSING, PRESENT
from catalog_models.reads.roots import root_of
from catalog_models.scope import Scope, within
from catalog_models.tables import Actor, MediaFile, Root
from catalog_models.values import path_as_text
from catalog_models.writes import audit_log, file_alerts, media_files


class FilePresentError(RefusedError):
    """Only missing files can be forgotten."""

    code = "file_present"


class NotMissingError(RefusedError):
    """No missing file has this path."""

    code = "not_missing"


@dataclass(frozen=True)
class Named:
    """A file or folder as a moderator named it, and the paths that it may mean, the likeliest first.

    A path that is not absolute may lie below any root.
    """

    name: str
    paths: Sequence[bytes]


@dataclass(frozen=True)
class ForgottenPath:
    """A file or folder, and the number of its missing files that were forgotten."""

    path: str
    files: int


@dataclass(frozen=True)
class Forgotten:
    """The forgotten files and folders, in the order in which they were named."""

    paths: list[ForgottenPath]


def forget_paths(session: Session, named: Iterable[Named], by: Actor) -> Forgotten:
    """Forget the missing files at these paths and below these folders, and note it in the audit log.

    Titles, edits, watch positions, hands and all facts about the files stay. A file that returns, even under
    another path, is recognised. Raise `FilePresentError` or `NotMissingError` without changing anything.
    """
    found = [(each.name, _missing(session, each)) for each in named]
    forgotten = Forgotten([ForgottenPath(name, len(files)) for name, files in found])
    media_files.forget_missing(session, MediaFile.id.in_({key for _name, files in found for key in files}))
    for path in forgotten.paths:
        audit_log.note(session, by, "missing.forgotten", ("path", path.path), {"files": path.files})
    file_alerts.settle(session)
    return forgotten


def forget_files(session: Session, ids: Collection[uuid.UUID], by: Actor) -> list[uuid.UUID]:
    """Forget missing files by their ids, as `forget_paths` does.

    Return those that were missing and not forgotten.
    """
    present = select(MediaFile.path_text).where(MediaFile.id.in_(ids), PRESENT).limit(1)
    if path := session.scalar(present):
        raise FilePresentError(_present(path))
    files = media_files.forget_missing(session, MediaFile.id.in_(ids))
    for key in files:
        audit_log.note(session, by, "missing.forgotten", ("file", key))
    file_alerts.settle(session)
    return files


def _missing(session: Session, named: Named) -> list[uuid.UUID]:
    """Return the missing files that a name stands for: one file, or those of a folder."""
    places = [_at(session, path) for path in named.paths]
    query = select(MediaFile.id, Root.path_text).join(Root, Root.id == MediaFile.root_id).where(MISSING)
    for place in places:
        files = dict(session.execute(query.where(place)).tuples().all())
        if len(roots := sorted(set(files.values()))) > 1:
            raise NotMissingError(f"{named.name} exists below {' and '.join(roots)}: give the whole path")
        if files:
            return list(files)
    raise _refusal(session, named.name, or_(*places))


def _refusal(session: Session, name: str, places: ColumnElement[bool]) -> RefusedError:
    if session.scalar(select(MediaFile.id).where(PRESENT, places).limit(1)):
        return FilePresentError(_present(name))
    return NotMissingError(
        f"no missing file is at {name} or below it: `wsoptv missing` lists the missing files"
    )


def _present(name: str) -> str:
    return (
        f"{name} is not missing, and only missing files can be forgotten. To hide a title, use `wsoptv hide`"
    )


def _at(session: Session, path: bytes) -> ColumnElement[bool]:
    """Return the condition that a file is at this path or below it."""
    if not path.startswith((b"/", b"s3://")):
        return _named(path)
    rooted = root_of(session, path)
    if rooted is None:
        return ~true()
    if not rooted.below:
        return MediaFile.root_id == rooted.root_id
    return and_(MediaFile.root_id == rooted.root_id, _named(rooted.below, rooted.root_id))


def _named(path: bytes, root_id: uuid.UUID | None = None) -> ColumnElement[bool]:
    """Match a path by its bytes or, because users copy it, by its text."""
    text = path_as_text(path)
    below: ColumnElement[bool] = MediaFile.path_text.startswith(f"{text}/", autoescape=True)
    inside = below if root_id is None else or_(within(Scope(root_id, path)), below)
    return or_(MediaFile.path == path, MediaFile.path_text == text, inside)
