"""Replace the words of editors for events and games with official ones, and set the case of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from tasks.titles.draft import Draft
from tasks.titles.vocabulary.counting import ACRONYMS, SMALL
from tasks.titles.vocabulary.events import MAIN, OTHER, WORDS, Word
from tasks.titles.vocabulary.people import PHRASES, SPELLINGS

_PLAIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PHRASES = dict(PHRASES)
_PHRASE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)
_CASED = re.compile(r"[A-Z][a-z]")


@dataclass(frozen=True, slots=True)
class Spelled:
    """`text` in official words, and `known`, the vocabulary's words in it, in order.

    `short` has the short names of games, `rest` the other words. In a `compact` text all words are
    known, and each was written without a space.
    """

    text: str
    known: tuple[Word, ...]
    rest: str = ""
    short: str = ""
    compact: bool = False


@cache
def _known_words() -> re.Pattern[str]:
    """Return a pattern with a group for each word. It is compiled when it is used, because it takes time."""
    return re.compile(
        rf"(?<![a-z0-9])(?:{'|'.join(f'({word.pattern})' for word in WORDS)})(?![a-z0-9])(?![\s-](?:handed|max)\b)".lower()
    )


@lru_cache(maxsize=8192)
def spell(text: str) -> Spelled:
    """Return a text with the official words of events and games in place of what editors wrote."""
    known: list[Word] = []
    pieces: list[str] = []
    short: list[str] = []
    last, compact = 0, True
    for found in _known_words().finditer(_small(text)):
        word = WORDS[(found.lastindex or 1) - 1]
        between = cased(text[last : found.start()])
        if word.game and known and known[-1].game not in (None, "MIXED", word.game) and not between.strip():
            between = " / "
        pieces += [between, word.official]
        is_short = word.short is not None and found.group() == word.short.lower()
        short += [between, word.short if is_short and word.short else word.official]
        compact = compact and " " not in found.group() and not between.strip()
        known.append(word)
        last = found.end()
    rest = cased(text[last:])
    return Spelled(
        " ".join("".join([*pieces, rest]).split()),
        tuple(known),
        short=" ".join("".join([*short, rest]).split()),
        compact=compact and not rest.strip(),
    )


def _small(text: str) -> str:
    """Return a text in lower case, of the same length."""
    low = text.lower()
    return low if len(low) == len(text) else text


@lru_cache(maxsize=8192)
def spell_beginning(text: str) -> Spelled:
    """Spell known words from the beginning while they follow each other; `rest` is the remaining text."""
    end = 0
    while found := _known_words().match(_small(text), end):
        end = found.end()
        while end < len(text) and text[end] in " -":
            end += 1
    spelled = spell(text[:end])
    return Spelled(spelled.text, spelled.known, text[end:], spelled.short, spelled.compact)


def cased(text: str) -> str:
    """Return a text in the case of titles; words of mixed case stay."""
    text = _phrased(text)
    if _CASED.search(text) and not text.isupper():
        return _PLAIN.sub(lambda found: SPELLINGS.get(found.group().lower(), found.group()), text)
    return _PLAIN.sub(_capital, text)


def _phrased(text: str) -> str:
    return _PHRASE.sub(lambda found: _PHRASES[found.group().lower()], text)


def spelled_people(text: str, players: tuple[str, ...]) -> str:
    """Return a sentence with the names of its players as they are spelled; its other words stay."""
    names = {name.lower(): person(name) for name in players}
    return _PLAIN.sub(
        lambda found: names.get(word := found.group().lower(), SPELLINGS.get(word, found.group())),
        _phrased(text),
    )


def _capital(found: re.Match[str]) -> str:
    word = found.group()
    if (known := SPELLINGS.get(word.lower())) is not None:
        return known
    if word in ACRONYMS or not word.isascii():
        return word
    if word.lower() in SMALL and found.start():
        return word.lower()
    return word[0].upper() + word[1:].lower()


def person(name: str) -> str:
    """Return a name as it is spelled: `BETIL` and `betil` become Betil, `McKeehen` stays."""
    words = name.split()
    return " ".join(
        SPELLINGS.get(word.lower(), word.capitalize() if word.isupper() or word.islower() else word)
        for word in words
    )


_PRIZE = re.compile(r"\s+\d[\d.,]*[KM]\Z")
_HANGING = re.compile(rf"^(?:(?:{'|'.join(SMALL)})\s+)+|(?:\s+(?:{'|'.join(SMALL)}))+$", re.IGNORECASE)


def take_event(spelled: Spelled, text: str, draft: Draft) -> None:
    """Record the words of an event, unless there is one already."""
    if draft.event:
        return
    known = spelled.known
    words, short = spelled.text, spelled.short or spelled.text
    if draft.coded and spelled.compact and len(known) > 1:
        known = tuple(sorted(known, key=_place_among))
        words = " ".join(word.official for word in known)
        short = " ".join(
            (word.short if word.short and word.short in text.upper().split() else word.official)
            for word in known
        )
    words, short = _HANGING.sub("", words), _HANGING.sub("", short)
    name = _PRIZE.sub("", words)
    if len(words.split()) > sum(len(word.official.split()) for word in known):
        draft.doubt(0.85 if known else 0.7)
    draft.event, draft.short_event = words, short
    draft.is_serial = any(word.serial for word in known)
    games = dict.fromkeys(word.game for word in known if word.game)
    game = {"game": next(iter(games)) if len(games) == 1 else "MIXED"} if games else {}
    kinds = {word.kind for word in known}
    kind = MAIN if MAIN in kinds else OTHER if OTHER in kinds else "bracelet"
    draft.record("event", text or words, event_name=name, event_type=kind, **game)


def _place_among(word: Word) -> tuple[bool, int]:
    """Return the position of a word among codes, whose order has no meaning.

    The game comes first, then the words in the order of the vocabulary.
    """
    return word.game is None, WORDS.index(word)
