"""The root that contains a folder."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.locations import path_below
from catalog_models.tables import Root


@dataclass(frozen=True)
class RootedFolder:
    """A folder of a root: its path `below` the root's `path`, empty for the root itself."""

    root_id: uuid.UUID
    path: bytes
    below: bytes


def root_of(session: Session, folder: bytes) -> RootedFolder | None:
    """Return the root that contains an absolute folder; None if no root does. Roots are never nested."""
    for key, path in session.execute(select(Root.id, Root.path)):
        below = path_below(path, folder)
        if below is not None:
            return RootedFolder(key, path, below)
    return None
