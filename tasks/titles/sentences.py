"""Read the subject of a clip, and the players in it."""

from __future__ import annotations

import re
from typing import Any

from tasks.titles.draft import Draft
from tasks.titles.players import (
    PokerTable,
    acting_in,
    known_in,
    known_list,
    read_duel,
    read_families,
    read_list,
)

_IN_PARENTHESES = re.compile(r"\(([^()]*[,&][^()]*)\)")


def read_subject(text: str, draft: Draft) -> None:
    """Record the subject, and the players in it."""
    if not text or draft.subject:
        return
    draft.subject = text
    read_players(text, draft, clip=draft.clip)
    if "players" not in draft.fields:
        draft.doubt(0.9)


def read_listed_players(text: str, draft: Draft) -> None:
    """Record players in parentheses, or in a duel after the last ` - `, even if they are unknown."""
    if "(" in text and (listed := _IN_PARENTHESES.search(text)) and (players := read_families(listed[1])):
        draft.record("players", listed[1], players=players)
    elif " - " in text and (table := read_duel(text.rpartition(" - ")[2])):
        draft.record("players", text, **_seated(table))


def read_players(text: str, draft: Draft, *, clip: bool = False) -> None:
    """Record the players in a sentence, which it identifies by its form, or which are known."""
    if "players" in draft.fields:
        return
    named = known_in(text, draft.known, clip=clip)
    listed = known_list(text, draft.known) or read_list(text) or ()
    players = named if len(named) >= len(listed) else listed
    table = read_duel(text)
    if table is not None and (table.hands or len(players) < 2):
        draft.record("players", text, **_seated(table))
        return
    if not players and (players := acting_in(text, draft.known, clip=clip)):
        draft.doubt(0.85)
    if players:
        draft.record("players", text, players=players)


def _seated(table: PokerTable) -> dict[str, Any]:
    hands = {"hands": table.hands} if table.hands else {}
    return {"players": table.players, **hands}
