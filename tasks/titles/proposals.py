"""Propose names of players in file names, for a person to confirm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.titles.known import Known
from tasks.titles.players import actors_in
from tasks.titles.reader import read_title


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that may be a player: the number of files that mention it, and the path of one."""

    name: str
    files: int
    path: str


# The rule for names with the cards of each player.
_HAND = "hand-clip"


def seated_players(paths: Iterable[str]) -> list[str]:
    """Return the players with cards in the names of hands among these paths."""
    titles = (read_title(path) for path in paths)
    return [name for title in titles if title.rule == _HAND for name in title.players or ()]


def propose_players(paths: Iterable[str], known: Known) -> list[Proposal]:
    """Return the names in these paths that may be players and are not known, the most frequent first."""
    found: dict[str, list[str]] = {}
    for path in paths:
        title = read_title(path, known)
        if title.ignored:
            continue
        names = title.players or actors_in(title.display_title or "")
        for name in dict.fromkeys(names):
            small = name.lower()
            if small not in known.full and small.rpartition(" ")[2] not in known.families:
                found.setdefault(small, [name]).append(path)
    proposals = [Proposal(name, len(mentions), mentions[0]) for name, *mentions in found.values()]
    return sorted(proposals, key=lambda proposal: (-proposal.files, proposal.name.lower()))
