"""Who plays with which cards: `Ni KcQs vs Mizzi KdKs`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSUS = re.compile(r"\s+(?:vs?|ov)\.?\s+|(?<=[cdhs])vs\s+", re.IGNORECASE)
_CARDS = r"(?:(?:10|[2-9TJQKA])[cdhs](?:10|[2-9TJQKA])[cdhs]|(?:10|[2-9TJQKA]){2}(?:[cdhso]{1,2})?)"
_PLACE = r"(?:\s*\(\d+(?:st|nd|rd|th)\))?"
_SEAT = re.compile(
    rf"(?P<name>.*?){_PLACE}(?:(?:^|\s+)(?P<cards>{_CARDS}))?{_PLACE}(?:\s[a-z])?", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_][\w.'-]*")
_ONLY_CARDS = re.compile(rf"{_CARDS}", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|&| and )\s*")
_PERSON = re.compile(r"[A-ZÀ-Þ][\w.'’-]*(?: (?:[A-ZÀ-Þ][\w.'’-]*|de|van|von|der|la)){1,3}")


@dataclass(frozen=True, slots=True)
class Table:
    """Players as spelled, and their hole cards in the same order (None where the name tells none)."""

    players: tuple[str, ...]
    hands: tuple[str | None, ...] | None


def read_table(text: str) -> Table | None:
    """The seats of a hand's name, None when one of them has no name, or a single one no cards."""
    seats = [_SEAT.fullmatch(side.strip()) for side in _VERSUS.split(text)]
    if (len(seats) == 1 and not (seats[0] and seats[0]["cards"])) or not all(
        seat and _NAME.match(seat["name"]) for seat in seats
    ):
        return None
    players = tuple(seat["name"].strip() for seat in seats if seat)
    hands = tuple(seat["cards"] for seat in seats if seat)
    return Table(players, hands if any(hands) else None)


def read_duel(text: str) -> Table | None:
    """Of a sentence, `Mateos folds KK vs Berry AA`, the first word of either side, where both are names."""
    sides = _VERSUS.split(text)
    if len(sides) != 2 or len(sides[0].split()) > _LONGEST_SIDE:
        return None
    players, hands = [], []
    for side in sides:
        words = side.split()
        if not words or not words[0].isalpha() or len(words[0]) < 2 or _ONLY_CARDS.fullmatch(words[0]):
            return None
        players.append(words[0])
        cards = [word for word in words[1:] if _ONLY_CARDS.fullmatch(word)]
        hands.append(_pair(cards[0]) if len(cards) == 1 else None)
    return Table(tuple(players), tuple(hands) if any(hands) else None)


_LONGEST_SIDE = 4  # words: a longer one is a sentence, whose first word is somebody else


def _pair(cards: str) -> str:
    """`99s` is a pair of nines, no suited hand."""
    return cards[:-1] if len(cards) == 3 and cards[0] == cards[1] else cards


def read_list(text: str) -> tuple[str, ...] | None:
    """`Kevin Martin & Dan Cates`, `with Joey ingram`: full names and nothing else."""
    alone = text.removeprefix("with ")
    names = tuple(name for name in _LIST.split(alone.strip()) if name)
    spelled = [_capitals(name) for name in names] if alone != text else names
    named = names and all(_PERSON.fullmatch(name) and not _NO_PERSON.search(name) for name in spelled)
    return names if named else None


_NO_PERSON = re.compile(r"\b(?:table|final|feature|day|event|highlights?|stream|recap)\b", re.IGNORECASE)


def _capitals(name: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in name.split())
