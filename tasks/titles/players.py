"""Read players and their hole cards: `Ni KcQs vs Mizzi KdKs`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSUS = re.compile(r"\s+(?:vs?|ov)\.?\s+|(?<=[cdhs])vs\s*|\s+vs(?=[A-Z])", re.IGNORECASE)
_SPLIT = re.compile(r"(?<=\b[2-9TJQKA][cdhs]) (?=[2-9TJQKA][cdhs]\b)")
_SEATS = re.compile(r"\(?\bseat ?\d+\)?|\(\d+(?:st|nd|rd|th)\)", re.IGNORECASE)
_CARDS = r"(?:(?:10|[2-9TJQKA])[cdhs](?:10|[2-9TJQKA])[cdhs]|(?:10|[2-9TJQKA]){2}(?:[cdhso]{1,2})?)"
_SEAT = re.compile(rf"(?P<name>.*?)(?:(?:^|\s+)(?P<cards>{_CARDS}))?(?:\s[a-z])?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.'-]*")
_PLACE = re.compile(r"\d+(?:st|nd|rd|th)")
_ONLY_CARDS = re.compile(rf"{_CARDS}", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|&| and )\s*")
_PERSON = re.compile(r"[A-ZÀ-Þ][\w.'’-]*(?: (?:[A-ZÀ-Þ][\w.'’-]*|de|van|von|der|la)){1,3}")


@dataclass(frozen=True, slots=True)
class PokerTable:
    """Players as spelled, and their hole cards in the same order (None if the name has none)."""

    players: tuple[str, ...]
    hands: tuple[str | None, ...] | None


def read_table(text: str) -> PokerTable | None:
    """Return the seats in a hand's name; None if a seat has no player, or a single seat has no cards."""
    sides = (_SPLIT.sub("", " ".join(_SEATS.sub(" ", side).split())) for side in _VERSUS.split(text))
    seats = [_SEAT.fullmatch(side) for side in sides]
    if (len(seats) == 1 and not (seats[0] and seats[0]["cards"])) or not all(
        seat and _NAME.match(seat["name"]) for seat in seats
    ):
        return None
    players = tuple(seat["name"].strip() for seat in seats if seat)
    hands = tuple(seat["cards"] for seat in seats if seat)
    return PokerTable(players, hands if any(hands) else None)


def read_duel(text: str) -> PokerTable | None:
    """Return the two players of a hand in a sentence such as `AQ Ash doubles thru Birch 99s`."""
    sides = _BETWEEN.split(text, maxsplit=1)
    if len(sides) != 2 or len(sides[0].split()) > _LONGEST_SIDE:
        return None
    seats = [_seat(side.split()) for side in sides]
    if not all(name for name, _cards in seats):
        return None
    hands = tuple(cards for _name, cards in seats)
    return PokerTable(tuple(name for name, _cards in seats), hands if any(hands) else None)


# What is written between two players: `vs`, `ov` (over), and what one does to the other.
_BETWEEN = re.compile(r"\s+(?:vs?\.?|ov|doubles thru|gets bluff thru)\s+", re.IGNORECASE)
# Words. A longer side is a sentence, and its first word is not the player.
_LONGEST_SIDE = 3


def _seat(words: list[str]) -> tuple[str, str | None]:
    """Return the name at the beginning of a side (empty if there is none), and its only cards."""
    if not words or not words[0].isalpha() or len(words[0]) < 2 or _ONLY_CARDS.fullmatch(words[0]):
        return "", None
    cards = [word for word in words[1:] if _ONLY_CARDS.fullmatch(word) and not _PLACE.fullmatch(word)]
    return words[0], _pair(cards[0]) if len(cards) == 1 else None


def _pair(cards: str) -> str:
    """Return cards as written, but `99s` as a pair of nines, because it cannot be suited."""
    return cards[:-1] if len(cards) == 3 and cards[0] == cards[1] else cards


def read_list(text: str) -> tuple[str, ...] | None:
    """Return full names if the text has nothing else: `Kevin Martin & Dan Cates`, `with Joey ingram`."""
    alone = text.removeprefix("with ")
    names = tuple(name for name in _LIST.split(alone.strip()) if name)
    spelled = [_capitals(name) for name in names] if alone != text else names
    named = names and all(_PERSON.fullmatch(name) and not _NO_PERSON.search(name) for name in spelled)
    return names if named else None


_NO_PERSON = re.compile(r"\b(?:table|final|feature|day|event|highlights?|stream|recap)\b", re.IGNORECASE)


def _capitals(name: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in name.split())
