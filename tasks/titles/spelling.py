"""Spell what editors write officially: events and games, and the case of the words between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tasks.titles.vocabulary.events import WORDS, Word
from tasks.titles.vocabulary.people import PHRASES, SPELLINGS

_KNOWN = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(f'({word.pattern})' for word in WORDS)})(?![A-Za-z0-9])", re.IGNORECASE
)
_PLAIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PHRASES = dict(PHRASES)
_PHRASE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)
_SMALL = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "vs", "with"]
)
_ACRONYMS = frozenset(
    ["TVK", "NLH", "PLO", "WSOP", "HORSE", "USA", "UK", "GTD", "AA", "KK", "QQ", "JJ", "AK", "AQ", "FH"]
)
_CASED = re.compile(r"[A-Z][a-z]")


@dataclass(frozen=True, slots=True)
class Spelled:
    """`text` in official words, and `known`, the vocabulary's words in it, in order."""

    text: str
    known: tuple[Word, ...]
    rest: str = ""


@lru_cache(maxsize=8192)
def spell(text: str) -> Spelled:
    """Return a text with the official words of events and games in place of what editors wrote."""
    known: list[Word] = []
    pieces: list[str] = []
    last = 0
    for found in _KNOWN.finditer(text):
        word = WORDS[(found.lastindex or 1) - 1]
        between = cased(text[last : found.start()])
        if word.game and known and known[-1].game not in (None, "MIXED", word.game) and not between.strip():
            between = " / "
        pieces += [between, word.official]
        known.append(word)
        last = found.end()
    pieces.append(cased(text[last:]))
    return Spelled(" ".join("".join(pieces).split()), tuple(known))


@lru_cache(maxsize=8192)
def spell_beginning(text: str) -> Spelled:
    """Spell known words from the beginning while they follow each other; `rest` is the remaining text."""
    end = 0
    while found := _KNOWN.match(text, end):
        end = found.end()
        while end < len(text) and text[end] in " -":
            end += 1
    spelled = spell(text[:end])
    return Spelled(spelled.text, spelled.known, text[end:])


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
    if word in _ACRONYMS or not word.isascii():
        return word
    if word.lower() in _SMALL and found.start():
        return word.lower()
    return word[0].upper() + word[1:].lower()


def person(name: str) -> str:
    """Return a name as it is spelled: `BETIL` and `betil` become Betil, `McKeehen` stays."""
    words = name.split()
    return " ".join(
        SPELLINGS.get(word.lower(), word.capitalize() if word.isupper() or word.islower() else word)
        for word in words
    )
