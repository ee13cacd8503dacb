"""Words of titles and of searches: both are cut in the same way. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category, digit, normalize

from catalog_models.search.vocabulary import COUNTED

LONGEST = 64
"""Characters of a word; the rest of a longer one is cut off, in titles and in searches alike."""

_LONGEST_NAME = 8  # words of a person's name
_LATIN_MARKS = range(0x300, 0x370)
# Letters that Unicode does not take apart, and people type without their stroke.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})

# Spaces are optional in Korean, also beside other scripts: `2024년` is two words.
HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
"""The letters of Korean, as a part of a character class."""

_LETTER = rf"[^\W_{HANGUL}]"
_CHUNK = re.compile(
    rf"[$€£₩]?(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+(?=[km](?!{_LETTER})))?)(?P<unit>[km]?)(?!{_LETTER})"
    rf"|(?<!{_LETTER})(?P<initials>(?:[a-z]\.){{2,}}[a-z]?)(?!{_LETTER})"
    rf"|(?P<word>{_LETTER}+(?:['’]{_LETTER}+)*)"
    rf"|(?P<korean>[{HANGUL}]+)"
)
_APOSTROPHE = re.compile("['’]")
# PostgreSQL's parser, which the words go through, takes the beginning of `1e1k` for a number by itself.
_FLOAT = re.compile(r"(\d+e\d+)([^\W\d_].*)")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_MOST_DIGITS = 12  # of an amount of money; a longer number is an inventory number and stays as it is


@dataclass(frozen=True, slots=True)
class Chunk:
    """A word in its text, which is `text[start:end]` of the NFC form. `forms` begins with what a search looks for; a
    document holds all of them."""

    start: int
    end: int
    forms: tuple[str, ...]


# A document takes most texts two or three times, and names of players recur from title to title.
@lru_cache(maxsize=2_048)
def chunks(text: str) -> tuple[Chunk, ...]:
    """Return the words of the NFC form of a text, in their order."""
    folded, origins = _fold(normalize("NFC", text))
    return tuple(
        Chunk(origins[found.start()], origins[found.end() - 1] + 1, _different(_forms(found)))
        for found in _CHUNK.finditer(folded)
    )


def _different(forms: list[str]) -> tuple[str, ...]:
    if len(forms) == 1:
        return (forms[0][:LONGEST],)
    return tuple(dict.fromkeys(form[:LONGEST] for form in forms))


def tokens(text: str) -> list[str]:
    """All forms of all words: `$10,000` is `10000` and `10k`, `Day 1A` is `day` and `1a`."""
    return [form for chunk in chunks(text) for form in chunk.forms]


def name_key(name: str) -> str:
    """A person's name without case, accents and marks: `Ann O'Brien-Ødegård` is `ann obrien odegard`."""
    return " ".join(chunk.forms[0] for chunk in chunks(name))


def parts_of_name(name: str) -> Iterator[str]:
    """What a person is called, as keys: `Ann Carver` is `ann`, `ann carver` and `carver`. Of very long names the first words."""
    words = name_key(name).split()[:_LONGEST_NAME]
    for first in range(len(words)):
        for end in range(first, len(words)):
            yield " ".join(words[first : end + 1])


def is_among(asked: str, names: Iterable[str]) -> bool:
    """Whether one of these people is called so."""
    key = name_key(asked)
    return any(key == part for name in names for part in parts_of_name(name))


def glued(before: str, counter: str, number: str) -> str | None:
    """`day`, `1a` as one word, `day1a`; None where the second does not count the first. A year is no number of an
    event, and what stands behind `main event` (the word `before`) is none either."""
    name = COUNTED.get(counter)
    if name is None or not _COUNT.match(number) or (before, counter) == ("main", "event"):
        return None
    return name + number


def counted(words: Iterable[str]) -> list[str]:
    """What stands before its number as one word: `day 1a` as `day1a` and, for it is a part of day 1, `day1`."""
    found: list[str] = []
    before = counter = ""
    for word in words:
        if one := glued(before, counter, word):
            found += [one] if one[-1].isdigit() else [one, one[:-1]]
        before, counter = counter, word
    return found


_COUNT = re.compile(r"\d{1,3}[a-h]?\Z")


def _forms(found: re.Match[str]) -> list[str]:
    if initials := found["initials"]:
        return [initials.replace(".", ""), *initials.strip(".").split(".")]
    if korean := found["korean"]:
        return [korean]
    if word := found["word"]:
        parts = _APOSTROPHE.split(word)
        whole = ["".join(parts), *parts] if len(parts) > 1 else parts
        return [form for one in whole for form in _as_parsed(one)]
    return _amounts(found["number"].replace(",", ""), found["unit"], found[0])


def _as_parsed(word: str) -> list[str]:
    found = _FLOAT.fullmatch(word)
    return [found[1], *_as_parsed(found[2])] if found else [word]


def _amounts(number: str, unit: str, written: str) -> list[str]:
    """`10K` is 10000, too, and `$10,000` 10k; a bare 2000 is a year as like as not, and no 2k."""
    if not unit and (written == number or len(number) > _MOST_DIGITS):
        return [number]
    whole, _, part = number.partition(".")
    if len(whole) + len(part) > _MOST_DIGITS or len(part) > len(str(_UNITS[unit])) - 1:
        return [whole + unit, part] if part else [whole + unit]
    value = int(whole + part) * _UNITS[unit] // 10 ** len(part)
    first = [] if part else [number + unit]
    return [*first, *amount_forms(value)]


def amount_forms(value: int) -> list[str]:
    """An amount of money as people write it: 10000 also as `10k`, 1000000 as `1m`."""
    for unit, size in (("m", 1_000_000), ("k", 1_000)):
        if value and value % size == 0:
            return [str(value), f"{value // size}{unit}"]
    return [str(value)]


def _fold(text: str) -> tuple[str, list[int]]:
    """The text without case and accents, and for each of its characters where it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    folded = [(plain, origin) for origin, character in enumerate(text) for plain in _plain(character)]
    return "".join(plain for plain, _ in folded), [origin for _, origin in folded]


@lru_cache(maxsize=8_192)
def _plain(character: str) -> str:
    """Hangul and kana stay composed; a digit of any script is one of ours; marks of no letter of their own go."""
    taken_apart = normalize("NFKD", normalize("NFKD", character).casefold())
    bare = "".join(c for c in taken_apart if ord(c) not in _LATIN_MARKS).translate(_STROKES)
    composed = normalize("NFC", bare)
    plain = "".join(_digit(c) for c in composed if not category(c).startswith("M"))
    return plain if len(plain) < 2 or plain.isalnum() else " "  # a sign that is several words, `¼`, is none


def _digit(character: str) -> str:
    return str(digit(character)) if category(character) == "Nd" else character
