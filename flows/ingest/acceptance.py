"""Acceptance of files that became shorter or silent: a moderator confirms that they are right as they are."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.locations import absolute
from catalog_models.reads.roots import root_of
from catalog_models.tables import FindingRow, MediaFile, Root
from catalog_models.values import Severity, path_as_text
from catalog_models.writes import file_alerts, quality_results
from flows.ingest.batch import Batch
from flows.ingest.catalogue import group_titles
from flows.ingest.index import index_titles
from flows.ingest.metadata import BatchRead
from flows.ingest.posters import BatchPictured
from flows.ingest.quality import judge_quality
from flows.job.executor import Executor
from orchestration.storage import is_bucket, storage_at
from tasks.quality import RULES

_OF_MEMORY = [rule.name for rule in RULES if rule.of_memory]


class UnknownFileError(RefusedError):
    """No present file of the catalogue has this path, or several do."""

    code = "unknown_file"


@dataclass(frozen=True)
class AcceptedFile:
    """A file whose earlier facts are forgotten; `path` is below its root.

    `quarantined`: it stays quarantined, for the reasons in `messages`, which are unrelated to these
    facts.
    """

    path: str
    quarantined: bool
    messages: list[str]


@dataclass(frozen=True)
class Accepted:
    """The accepted files, in the order in which they were named."""

    files: list[AcceptedFile]


def accept_files(steps: Executor, paths: Sequence[bytes]) -> Accepted:
    """Forget the earlier facts of these files, judge them again, and show those that pass.

    A path is absolute, below a root, or below the working directory. Raise `UnknownFileError`, with nothing
    changed.
    """
    transactions = steps.context.transactions
    ids = transactions.run(lambda transaction: _forget(transaction.session, paths))
    judged = steps.submit(judge_quality, BatchRead(batch=Batch(None)))
    grouped = steps.submit(group_titles, judged)
    steps.submit(index_titles, BatchPictured(batch=Batch(None)), grouped).result()
    transactions.in_session(file_alerts.settle)
    return transactions.run(lambda transaction: _describe(transaction.session, ids))


def _forget(session: Session, paths: Sequence[bytes]) -> list[uuid.UUID]:
    ids = list(dict.fromkeys(find_file(session, path) for path in paths))
    quality_results.clear_approved(session, ids, _to_judge(session, ids))
    return ids


def _to_judge(session: Session, ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return the files among these that the gate judges again.

    A file that is quarantined for another reason than its earlier facts is left out: the gate does not know
    all reasons, such as pictures that cannot be decoded. So is a file that has changed since it was read: its
    stored facts are outdated, and the next ingest reads it.
    """
    remembered = (
        select(FindingRow.media_file_id)
        .where(FindingRow.rule.in_(_OF_MEMORY), FindingRow.resolved_at.is_(None))
        .where(FindingRow.severity == Severity.QUARANTINE)
    )
    fit = or_(MediaFile.quarantined_at.is_(None), MediaFile.id.in_(remembered))
    columns = (MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
    query = select(*columns).join(Root, Root.id == MediaFile.root_id).where(MediaFile.id.in_(ids), fit)
    rows = session.execute(query)
    return [key for key, root, path, *known in rows if _seen(os.path.join(root, path), known) == known]


def _seen(path: bytes, known: list[int]) -> list[int]:
    """Return size and time of the file at this path, or the `known` ones if it cannot be read."""
    root, _, name = path.rpartition(b"/")
    try:
        return list(storage_at(root).state(name))
    except OSError:
        return known


def find_file(session: Session, path: bytes) -> uuid.UUID:
    """Return the present file with this path: absolute, below a root, or below the working directory.

    Raise `UnknownFileError`.
    """
    found = _below_a_root(session, path) if not (os.path.isabs(path) or is_bucket(path)) else []
    found = found or _at(session, path)
    if not found:
        raise UnknownFileError(
            f"{path_as_text(path)} is not a present file of the catalogue: name it as `wsoptv status` does, or by its "
            "whole path"
        )
    if len(found) > 1:
        roots = ", ".join(root for _key, root in found)
        raise UnknownFileError(f"{path_as_text(path)} is a file below {roots}: name it by its whole path")
    return found[0][0]


def _below_a_root(session: Session, path: bytes) -> list[tuple[uuid.UUID, str]]:
    return _present(session, _named(path))


def _at(session: Session, path: bytes) -> list[tuple[uuid.UUID, str]]:
    """Find a file by its whole path, as it is and with links resolved: the paths of roots have none."""
    folder, name = os.path.split(path if is_bucket(path) else os.path.abspath(path))
    places = {os.path.join(folder, name), os.path.join(absolute(folder), name)}
    rooted = [each for each in (root_of(session, place) for place in places) if each is not None]
    inside = [and_(MediaFile.root_id == each.root_id, _named(each.below)) for each in rooted]
    return _present(session, or_(*inside)) if inside else []


def _named(path: bytes) -> ColumnElement[bool]:
    """Return the condition that a file has this path, in bytes or as text, because users copy it."""
    return or_(MediaFile.path == path, MediaFile.path_text == path_as_text(path))


def _present(session: Session, condition: ColumnElement[bool]) -> list[tuple[uuid.UUID, str]]:
    """Return the files and the paths of their roots."""
    query = select(MediaFile.id, Root.path_text).join(Root, Root.id == MediaFile.root_id)
    rows = session.execute(query.where(condition, MediaFile.missing_since.is_(None)))
    return [(key, root) for key, root in rows]


def _describe(session: Session, ids: Sequence[uuid.UUID]) -> Accepted:
    holding = (FindingRow.resolved_at.is_(None), FindingRow.severity == Severity.QUARANTINE)
    said = (
        select(func.array_agg(FindingRow.message))
        .where(FindingRow.media_file_id == MediaFile.id, *holding)
        .scalar_subquery()
    )
    columns = (MediaFile.id, MediaFile.path_text, MediaFile.quarantined_at.is_not(None), said)
    rows = session.execute(select(*columns).where(MediaFile.id.in_(ids)))
    files = {key: AcceptedFile(path, bad, messages or []) for key, path, bad, messages in rows}
    return Accepted([files[key] for key in ids if key in files])
