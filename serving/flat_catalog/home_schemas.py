"""Schemas of the home page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.titles.lists import Listed
from serving.titles.title import EXAMPLE


class Progress(BaseModel):
    """The watch progress of the viewer, in seconds."""

    model_config = ConfigDict(from_attributes=True)

    progress_seconds: float
    completed: bool


class HomeTitle(Listed):
    """A title of a row, with the watch progress of the viewer."""

    progress: Progress | None


class Row(BaseModel):
    """A row of titles."""

    id: str = Field(
        description="One of `continue_watching`, `recently_added`, `trending`, `main_event`, `best_hands`, "
        "or `series:` and the id of the series."
    )
    title: str
    items: list[HomeTitle]


_TITLE: JsonDict = EXAMPLE | {
    "playability": "direct",
    "reasons": [],
    "progress": {"progress_seconds": 3_600.0, "completed": False},
}


class Home(BaseModel):
    """The rows of the home page for the viewer. Each row has at most 20 titles, all of which play."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rows": [{"id": "continue_watching", "title": "Continue watching", "items": [_TITLE]}]
            }
        }
    )

    rows: list[Row]
