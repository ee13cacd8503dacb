"""Read players and their cards from the name of a hand, a list or a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from tasks.titles.known import Known
from tasks.titles.vocabulary.people import BETWEEN, FIRST_NAMES, NO_PLAYERS, PHRASES, VERBS

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
_FAMILY = re.compile(r"[A-ZÀ-Þ][^\W\d_]+(?:['’-][^\W\d_]+)*")
_WORD = re.compile(r"[^\W\d_]+(?:[.'’-]+[^\W\d_]+)*\.?")


@dataclass(frozen=True, slots=True)
class PokerTable:
    """Players as spelled, and their hole cards in the same order (None if the name has none)."""

    players: tuple[str, ...]
    hands: tuple[str | None, ...] | None


def read_table(text: str) -> PokerTable | None:
    """Return the seats in the name of a hand, or None if a seat lacks a name or a single seat lacks cards."""
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


# Words between two players: `vs`, `ov` (over), and verbs.
_BETWEEN = re.compile(
    rf"\s+(?:{'|'.join(sorted((word.replace(' ', ' +') for word in BETWEEN), key=len, reverse=True))})\.?\s+",
    re.IGNORECASE,
)
# Words. A longer side is a sentence, and its first word is not the player.
_LONGEST_SIDE = 3


def _seat(words: list[str]) -> tuple[str, str | None]:
    """Return the name at the beginning of a side (empty if there is none), and its only cards."""
    if not words or not _may_name(words[0]):
        return "", None
    name = [words[0]]
    if words[0][0].isupper():
        for word in words[1:_LONGEST_SIDE]:
            if not (word[0].isupper() and _may_name(word)):
                break
            name.append(word)
    cards = [word for word in words[1:] if _ONLY_CARDS.fullmatch(word) and not _PLACE.fullmatch(word)]
    return " ".join(name), _pair(cards[0]) if len(cards) == 1 else None


def _may_name(word: str) -> bool:
    """Return whether a word may be part of a name."""
    small = word.lower().rstrip("'’!?.,")
    return (
        _WORD.fullmatch(word) is not None
        and len(small) > 1
        and small not in NO_PLAYERS
        and small not in VERBS
        and not _ONLY_CARDS.fullmatch(word)
    )


def _pair(cards: str) -> str:
    """Return cards as written, but `99s` as a pair of nines, because it cannot be suited."""
    return cards[:-1] if len(cards) == 3 and cards[0] == cards[1] else cards


def read_list(text: str) -> tuple[str, ...] | None:
    """Return the people in `Kevin Martin & Dan Cates` or `with Joey ingram`: only full names."""
    alone = text.removeprefix("with ")
    names = tuple(name for name in _LIST.split(alone.strip()) if name)
    spelled = [_capitals(name) for name in names] if alone != text else names
    named = (len(names) > 1 or alone != text) and all(
        _PERSON.fullmatch(name) and not _names_thing(name) for name in spelled
    )
    return names if names and named else None


def _names_thing(name: str) -> bool:
    return name.lower() not in _NICKNAMES and any(word.lower() in NO_PLAYERS for word in name.split())


_NICKNAMES = {phrase for phrase, _right in PHRASES}


def _capitals(name: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in name.split())


def read_families(text: str) -> tuple[str, ...] | None:
    """Return the players of a list such as `Ash, Birch & Cedar`: at least two names."""
    names = tuple(name for name in _LIST.split(text.strip()) if name)
    if len(names) < 2 or not all(_FAMILY.fullmatch(name) or _PERSON.fullmatch(name) for name in names):
        return None
    return None if any(_names_thing(name) or not _may_name(name.split()[0]) for name in names) else names


def known_in(text: str, known: Known, *, clip: bool) -> tuple[str, ...]:
    """Return the known players in a sentence: full names anywhere, family names before a verb.

    In the name of a clip, a family name counts anywhere.
    """
    words = [(_bare(found.group()), found.start()) for found in _WORD.finditer(text)]
    small = [word.lower() for word, _start in words]
    found: list[str] = []
    at = 0
    while at < len(words):
        length = _full_name(small, at, known)
        if length:
            last, start = words[at + length - 1]
            found.append(text[words[at][1] : start + len(last)])
        elif small[at] in known.families and (clip or _acts(small, at)):
            found.append(words[at][0])
        at += length or 1
    return tuple(dict.fromkeys(found))


def _bare(word: str) -> str:
    """Return a word without a genitive ending."""
    return word[:-2] if word[-2:].lower() == "'s" else word


def known_list(text: str, known: Known) -> tuple[str, ...]:
    """Return the players of a list if all are known: `Ivey, Dwan & Antonius`."""
    names = tuple(name for name in _LIST.split(text.strip()) if name)
    all_known = all(name.lower() in known.full or name.lower() in known.families for name in names)
    return names if len(names) > 1 and all_known else ()


def _acts(small: list[str], at: int) -> bool:
    """Return whether a verb follows a word, or something like `vs` precedes it."""
    return (at + 1 < len(small) and small[at + 1] in VERBS) or (at > 0 and small[at - 1] in _AGAINST)


_AGAINST = {"vs", "against", "versus", "beats", "over", "thru", "through"}


def _full_name(small: list[str], at: int, known: Known) -> int:
    """Return the length in words of the known full name at a position, or 0."""
    if small[at] in known.first:
        for length in (4, 3, 2):
            if " ".join(small[at : at + length]) in known.full and at + length <= len(small):
                return length
    return 0


def acting_in(text: str, known: Known, *, clip: bool) -> tuple[str, ...]:
    """Return the only player of a sentence that begins with a name and a verb.

    In the name of a clip one word is enough (`Seward wins`); elsewhere it also needs a first name (`Ann Ash
    Goes All-In`).
    """
    words = text.split()
    acts = [number for number, word in enumerate(words) if word.lower() in VERBS]
    if len(acts) != 1:
        return ()
    first = verb = acts[0]
    while first and _may_name(words[first - 1]) and (clip or _is_capitalised(words[first - 1])):
        first -= 1
    name = words[first:verb]
    # `Final 7 Ann Ash Battles` also begins with the name.
    begins = first == 0 or words[first - 1].isdigit()
    if not begins or not (1 if clip else 2) <= len(name) <= _LONGEST_NAME:
        return ()
    if len(name) == 1:
        return tuple(name) if len(name[0]) >= _SHORTEST_FAMILY else ()
    has_first_name = clip or name[0].lower() in FIRST_NAMES or name[0].lower() in known.first
    return (" ".join(name),) if has_first_name and all(map(_is_capitalised, name)) else ()


def _is_capitalised(word: str) -> bool:
    """Return whether a word begins with a capital and, unless it is short, has a small letter."""
    return word[:1].isupper() and (len(word) < _SHORTEST_FAMILY or not word.isupper())


# The most words of a name, and the fewest letters of a family name that stands alone.
_LONGEST_NAME, _SHORTEST_FAMILY = 3, 3


# The fewest letters: shorter words before a verb are rarely names.
_SHORTEST_ACTOR = 4


def actors_in(text: str) -> tuple[str, ...]:
    """Return the words of a sentence that may be players, because a verb of players follows them."""
    words = _WORD.findall(text)
    return tuple(
        before.rstrip(".")
        for before, word in pairwise(words)
        if word.lower() in VERBS and len(before) >= _SHORTEST_ACTOR and _may_name(before)
    )
