"""`GET /api/players` and `/api/players/{key}`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Path, Query
from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.search.text import parts_of_name
from catalog_models.tables import Content
from serving.http.errors import SIGNED_IN, ApiError, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn
from serving.search.conditions import newest_first
from serving.search.directory import Player, key_of
from serving.search.engine import SearchState
from serving.search.player_schemas import ListedPlayer, OnePlayer, Players, PlayersQuery, PlayerTitlesQuery
from serving.search.terms import WordMatch, words_of
from serving.titles.filters import LONGEST
from serving.titles.lists import listed_title, rows_of

router = api_router("catalogue", "/players")

_ORDERS: dict[str, Callable[[Player], Any]] = {
    "name": lambda player: player.key,
    "titles": lambda player: player.titles,
    "hands": lambda player: player.hands,
}


class PlayerNotFoundError(ApiError):
    """No title that plays, and no hand in one, names this player."""

    status = 404
    code = "PLAYER_NOT_FOUND"
    message = "No player has this key: GET /api/players lists all players."


@router.get("", summary="List players", responses=documented(RequestInvalidError, *SIGNED_IN))
async def list_players(
    _: SignedIn, query: Annotated[PlayersQuery, Query()], search: SearchState, session: Session
) -> Players:
    """List the players of all titles that play, and of their hands. New names appear within minutes."""
    names = await search.directory.names(session)
    words = [] if query.q is None else words_of(query.q)
    found = names.players.find([[WordMatch(word, begins=True)] for word in words])
    if query.q is not None and not words:
        found = []
    name, falls = query.sort.removeprefix("-"), query.sort.startswith("-")
    # Players with equal numbers keep the order of the directory.
    ordered = sorted(found, key=_ORDERS[name], reverse=falls)
    page = ordered[query.offset : query.offset + query.limit]
    items = [ListedPlayer.model_validate(player) for player in page]
    return Players(items=items, total=len(found), limit=query.limit, offset=query.offset)


@router.get(
    "/{key}",
    summary="Get a player",
    responses=documented(PlayerNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_player(
    _: SignedIn,
    key: Annotated[
        str,
        Path(
            description="The key of a player, as `GET /api/players` lists it. A name in any spelling also works.",
            examples=["ann-carver"],
        ),
    ],
    query: Annotated[PlayerTitlesQuery, Query()],
    search: SearchState,
    session: Session,
) -> OnePlayer:
    """Return a player with the number of their hands, and the titles that name them, the newest first."""
    by_key = (await search.directory.names(session)).by_key
    player = by_key.get(key)
    # The words of each text are cached: those of long ones would take all memory.
    if player is None and len(key) <= LONGEST:
        player = by_key.get(key_of(key))
    if player is None:
        raise PlayerNotFoundError
    wanted = _named(player)
    total = await session.scalar(select(func.count()).select_from(Content).where(*wanted))
    ids: Sequence[uuid.UUID] = ()
    if query.limit:
        page = select(Content.id).where(*wanted).order_by(*newest_first())
        ids = (await session.scalars(page.limit(query.limit).offset(query.offset))).all()
    return OnePlayer(
        **ListedPlayer.model_validate(player).model_dump(),
        other_names=player.spellings[1:],
        hand_seconds=player.hand_seconds,
        largest_pot=player.largest_pot,
        items=[listed_title(*row) for row in await _rows(session, ids)],
        total=total or 0,
        limit=query.limit,
        offset=query.offset,
    )


async def _rows(session: AsyncSession, ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    return await rows_of(session, ids) if ids else ()


def _named(player: Player) -> list[SQLColumnExpression[bool]]:
    """Return the condition that a title that plays names the player.

    The index also finds longer names with the same parts, so the spellings are compared as well.
    """
    longest = max(parts_of_name(player.name), key=len)
    return [
        Content.is_visible,
        Content.status == "ready",
        Content.search_players.contains([longest]),
        Content.players.overlap(player.spellings),
    ]
