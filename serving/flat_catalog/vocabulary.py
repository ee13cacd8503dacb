"""`GET /api/vocabulary`: the codes of the API with their names, for filters and translation."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving.flat_catalog import names
from serving.http.conditional import Conditions, Outcome, Validators, evaluate
from serving.http.errors import SIGNED_IN, PreconditionFailedError, documented
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn

router = api_router("catalogue")


class Code(BaseModel):
    """A code, and its names in English (`en`) and Korean (`ko`)."""

    code: str
    en: str
    ko: str


def _codes(known: names.Names) -> list[Code]:
    return [Code(code=code, en=english, ko=korean) for code, (english, korean) in known.items()]


_EXAMPLE: dict[str, Any] = {"code": "main_event", "en": "Main Event", "ko": "메인 이벤트"}
_FIELDS = (
    *("brands", "regions", "event_types", "events", "games", "stages", "content_types", "qualities"),
    *("watched", "verdicts", "reasons", "renditions", "rows"),
)


class Vocabulary(BaseModel):
    """The codes of fields, filters and rows, each with its names, in the order in which pages show them."""

    model_config = ConfigDict(
        json_schema_extra={"example": {name: [_EXAMPLE] if name == "event_types" else [] for name in _FIELDS}}
    )

    brands: list[Code]
    regions: list[Code]
    event_types: list[Code]
    events: list[Code] = Field(
        description="The names of well-known events, and words that occur in other names. Not every event is "
        "listed."
    )
    games: list[Code]
    stages: list[Code]
    content_types: list[Code]
    qualities: list[Code]
    watched: list[Code]
    verdicts: list[Code] = Field(description="The values of `playability`.")
    reasons: list[Code] = Field(description="The beginnings of playability reasons, before the colon.")
    renditions: list[Code] = Field(description="The states of a rendition.")
    rows: list[Code] = Field(description="The rows of the home page, except those of series.")


_VOCABULARY = Vocabulary(**{name: _codes(getattr(names, name.upper())) for name in _FIELDS})
_BODY = _VOCABULARY.model_dump_json().encode()
_VALIDATORS = Validators(f'"{hashlib.blake2b(_BODY, digest_size=8).hexdigest()}"', modified=0, settled=False)
# The names change only with a new version of the server.
_HEADERS = {"etag": _VALIDATORS.etag, "cache-control": "private, max-age=3600"}


@router.get(
    "/vocabulary",
    summary="Get the codes and their names",
    response_model=Vocabulary,
    responses={
        304: {"description": "The copy of the client is current."},
        **documented(PreconditionFailedError, *SIGNED_IN),
    },
)
async def get_vocabulary(request: Request, _: SignedIn) -> Response:
    """Return the codes that the API uses, with their names in English and Korean.

    Clients may keep them for an hour. New brands, games and events may appear at any time; show an unknown
    value as it is.
    """
    sent = Conditions.read(request.headers.getlist)
    tags = Conditions(if_match=sent.if_match, if_none_match=sent.if_none_match)
    match evaluate(tags, _VALIDATORS, now=0.0):
        case Outcome.PRECONDITION_FAILED:
            raise PreconditionFailedError
        case Outcome.NOT_MODIFIED:
            return Response(status_code=304, headers=_HEADERS)
        case Outcome.PROCEED:
            return Response(_BODY, media_type="application/json", headers=_HEADERS)
