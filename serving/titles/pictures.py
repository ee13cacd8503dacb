"""The pictures of titles in lists: their addresses, and placeholders until they are loaded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field
from pydantic.config import JsonDict
from sqlalchemy import ScalarSelect, case, func, select
from sqlalchemy.dialects.postgresql import JSONB

from catalog_models.tables import Content, Thumbnail

Pictures = Mapping[str, Any]
"""The pictures of a file by kind, as `pictures_by_kind` selects them."""

_POSTER = ("v", "widths", "width", "height", "thumbhash")


class Poster(BaseModel):
    """The poster of a title, in the shape of the film and never wider than it.

    Its address is `/api/contents/{content_id}/poster/{width}.webp?v={v}`. With the current `v`, browsers keep
    this picture and the others of the title (`preview.webp`, `storyboard.vtt`) without asking again.
    """

    v: str = Field(description="The version of all pictures of the title.")
    widths: list[int] = Field(description="The widths in pixels in which the poster exists, ascending.")
    width: int = Field(description="The width of the widest picture.")
    height: int = Field(description="The height of the widest picture.")
    thumbhash: str | None = Field(
        description="A ThumbHash in base64, at most 25 bytes: a blurred picture to show until the poster is loaded."
    )
    preview_frames: int = Field(
        description="The frames side by side in `/api/contents/{content_id}/preview.webp?v={v}`, all of the same "
        "width; 0 without a preview."
    )


class Cover(Poster):
    """The poster of the title that stands for a series."""

    content_id: uuid.UUID


EXAMPLE_POSTER: JsonDict = {
    "v": "c1f5b24d0b7a80f4",
    "widths": [320, 640, 1280],
    "width": 1280,
    "height": 720,
    "thumbhash": "GwgKDIL7mISRZZelh3paj1jyhQ==",
    "preview_frames": 10,
}

_FIELDS = case(
    (
        Thumbnail.kind == "poster",
        func.jsonb_build_array(
            Thumbnail.version,
            Thumbnail.widths,
            Thumbnail.width,
            Thumbnail.height,
            func.encode(Thumbnail.thumbhash, "base64"),
        ),
    ),
    (Thumbnail.kind == "preview", func.to_jsonb(Thumbnail.parts)),
)

pictures_by_kind = func.coalesce(
    func.jsonb_object_agg(Thumbnail.kind, _FIELDS, type_=JSONB), func.jsonb_build_object(), type_=JSONB
)
"""Aggregates rows of `thumbnails` to one `Pictures`."""


def pictures_of_title() -> ScalarSelect[Pictures]:
    """Select the pictures of the playing file of a title of the outer statement."""
    pictures = select(pictures_by_kind).where(Thumbnail.media_file_id == Content.best_file_id)
    return pictures.correlate(Content).scalar_subquery()


def poster_of(pictures: Pictures) -> Poster | None:
    """Return the poster, or None if there is none or if an older version of the program made it."""
    fields = pictures.get("poster")
    if fields is None or fields[0] is None:
        return None
    return Poster(**dict(zip(_POSTER, fields, strict=True)), preview_frames=pictures.get("preview") or 0)
