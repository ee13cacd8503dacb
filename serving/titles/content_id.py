"""The id of a title in a request path."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Path

from serving.http.errors import ApiError
from serving.http.fields import uuid_of


class ContentNotFoundError(ApiError):
    """No visible title has this id."""

    status = 404
    code = "CONTENT_NOT_FOUND"
    message = "No title has this id: GET /api/contents lists all titles."


async def read_content_id(
    content_id: Annotated[
        str,
        Path(
            description="The id of a title, as `GET /api/contents` lists it.",
            examples=["5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"],
            json_schema_extra={"format": "uuid"},
        ),
    ],
) -> uuid.UUID:
    """Return the id in the path. Raises `ContentNotFoundError`."""
    found = uuid_of(content_id)
    if found is None:
        raise ContentNotFoundError
    return found


ContentId = Annotated[uuid.UUID, Depends(read_content_id)]
