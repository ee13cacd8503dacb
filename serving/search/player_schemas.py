"""Schemas of players."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.titles.filters import Text
from serving.titles.lists import Listed
from serving.titles.title import EXAMPLE


class PlayersQuery(BaseModel):
    """The beginning of a name, the order and the paging of players."""

    q: Text | None = Field(
        default=None,
        description="Words of the name, in any order; the beginnings are enough. Case and accents are ignored.",
        examples=["ann car"],
    )
    sort: Literal["name", "-name", "titles", "-titles", "hands", "-hands"] = Field(
        default="-titles",
        description="The order of the players: by name, or by the number of their titles or hands. `-` "
        "reverses it.",
    )
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class ListedPlayer(BaseModel):
    """A player. Only titles that play count, and their hands."""

    model_config = ConfigDict(from_attributes=True)

    key: str = Field(description="The normalised name, which identifies the player.")
    name: str
    titles: int = Field(description="The number of titles that name the player.")
    hands: int = Field(description="The number of hands with the player, in all titles.")
    best_hands: int


_PLAYER: JsonDict = {"key": "ann-carver", "name": "Ann Carver", "titles": 12, "hands": 340, "best_hands": 9}


class Players(BaseModel):
    """A page of players."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [_PLAYER], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[ListedPlayer]
    total: int
    limit: int
    offset: int


class PlayerTitlesQuery(BaseModel):
    """Paging for the titles of a player."""

    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class OnePlayer(ListedPlayer):
    """A player, and a page of the titles that name them, the newest first."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": _PLAYER
            | {
                "other_names": ["Ann CARVER"],
                "hand_seconds": 61_200.0,
                "largest_pot": 4_250_000,
                "items": [EXAMPLE | {"playability": "direct", "reasons": []}],
                "total": 12,
                "limit": 50,
                "offset": 0,
            }
        },
    )

    other_names: list[str] = Field(description="Other spellings of the name.")
    hand_seconds: float = Field(description="The duration of all hands with the player.")
    largest_pot: int | None = Field(description="The largest pot of these hands; null if none is known.")
    items: list[Listed]
    total: int
    limit: int
    offset: int
