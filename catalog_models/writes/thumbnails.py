"""Writes `thumbnails`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import Thumbnail
from catalog_models.values import Picture

_OF_PICTURE = ("path", "width", "height", "size", "version", "widths", "thumbhash", "parts")


def store(session: Session, made: Mapping[uuid.UUID, Sequence[Picture]], generator: int) -> None:
    """Store the pictures of these files; `generator` is the version of the code that made them."""
    rows = [
        {
            "media_file_id": key,
            "kind": picture.kind,
            "generator": generator,
            **{name: getattr(picture, name) for name in _OF_PICTURE},
        }
        for key, pictures in made.items()
        for picture in pictures
    ]
    if not rows:
        return
    statement = insert(Thumbnail)
    newest = {name: statement.excluded[name] for name in ("generator", *_OF_PICTURE)}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["media_file_id", "kind"], set_={**newest, "created_at": func.now()}
        ),
        rows,
    )
