"""What a list takes and answers."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.programme import EXAMPLE, Programme, Urls

# PostgreSQL's text holds no NUL, and no title is longer.
Text = Annotated[str, Field(pattern=r"^[^\x00]+$", max_length=300)]
Sort = Literal[
    "title", "-title", "year", "-year", "date", "-date", "added", "-added", "duration", "-duration"
]


class Selection(BaseModel):
    """Which titles, in which order, which page of them."""

    playable: Literal["true", "false", "all"] = Field(
        default="true", description="`true`: what plays; `false`: what is being prepared; `all`: both"
    )
    sort: Sort = Field(
        default="-year", description="`-` turns the order round; what lacks the field comes last either way"
    )
    limit: int = Field(default=50, ge=0, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000_000)
    title: Text | None = Field(default=None, description="part of the title, in either case")
    brand: Text | None = Field(default=None, examples=["WSOP"])
    region: Text | None = Field(default=None, examples=["europe"])
    year: int | None = Field(default=None, ge=0, le=9999, examples=[2024])
    event_type: Text | None = Field(default=None, examples=["main_event"])
    game: Text | None = Field(default=None, examples=["NLHE"])
    stage: Text | None = Field(default=None, examples=["final_table"])
    content_type: Text | None = Field(default=None, examples=["episode"])
    quality: Literal["sd", "hd", "4k"] | None = None
    series_id: uuid.UUID | None = None


class Listed(Programme):
    """A title in a list."""

    playability: str | None = Field(description="of the file that plays, or would")
    reasons: list[str] = Field(description="why it does not play as it is", examples=[["video_codec:prores"]])
    urls: Urls


class Titles(BaseModel):
    """A page of titles; `total` counts those of all pages."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE | {"playability": "direct", "reasons": []}],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[Listed]
    total: int
    limit: int
    offset: int
