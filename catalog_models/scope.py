"""The part of the archive that a run covers: everything, one root, or a folder of a root."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, true

from catalog_models.tables import MediaFile


@dataclass(frozen=True, slots=True)
class Scope:
    """A root, or its folder `below` (a relative path; empty for the whole root)."""

    root_id: uuid.UUID
    below: bytes = b""


def within_any(scopes: Sequence[Scope | None]) -> ColumnElement[bool]:
    """Return the condition that a file lies in one of these scopes; without scopes, any file."""
    return or_(*map(within, scopes)) if scopes else true()


def within(scope: Scope | None) -> ColumnElement[bool]:
    """Return the condition that a file lies in a scope; without a scope, any file.

    The files of a folder are one range of paths, as bytes are compared bytewise.
    """
    if scope is None:
        return true()
    inside = MediaFile.root_id == scope.root_id
    if not scope.below:
        return inside
    return and_(inside, MediaFile.path >= scope.below + b"/", MediaFile.path < scope.below + b"0")
