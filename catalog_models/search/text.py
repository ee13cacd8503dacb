"""Split titles and searches into words by the same rules. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category, digit, normalize

from catalog_models.search.vocabulary import COUNTED

LONGEST = 64
"""The most characters of a word. Longer words are cut off, both in titles and in searches."""

# The most words of a person's name.
_LONGEST_NAME = 8
_LATIN_MARKS = range(0x300, 0x370)
# Letters that Unicode does not decompose, and that people type without their stroke.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})

# Spaces are optional in Korean, also beside other scripts: `2024년` is two words.
HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
"""The letters of Korean, for use in a character class."""

_LETTER = rf"[^\W_{HANGUL}]"
_CHUNK = re.compile(
    rf"[$€£₩]?(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+(?=[km](?!{_LETTER})))?)(?P<unit>[km]?)(?!{_LETTER})"
    rf"|(?<!{_LETTER})(?P<initials>(?:[a-z]\.){{2,}}[a-z]?)(?!{_LETTER})"
    rf"|(?P<word>{_LETTER}+(?:['’]{_LETTER}+)*)"
    rf"|(?P<korean>[{HANGUL}]+)"
)
# A number of an episode, a season or a day, which may have a letter for its flight.
_COUNT = re.compile(r"\d{1,3}[a-h]?\Z")
_APOSTROPHE = re.compile("['’]")
# PostgreSQL's parser, through which the words pass, splits `1e1k` after the number `1e1`.
_FLOAT = re.compile(r"(\d+e\d+)([^\W\d_].*)")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
# The most digits of an amount of money. A longer number is an inventory number, and is not changed.
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Chunk:
    """A word of a text: `text[start:end]` of its NFC form.

    A search looks for the first of its `forms`; a document has all of them.
    """

    start: int
    end: int
    forms: tuple[str, ...]


# A document needs most texts two or three times, and many titles have the same players.
@lru_cache(maxsize=2_048)
def chunks(text: str) -> tuple[Chunk, ...]:
    """Return the words of the NFC form of a text, in order."""
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
    """Return all forms of all words: `$10,000` is `10000` and `10k`, `Day 1A` is `day` and `1a`."""
    return [form for chunk in chunks(text) for form in chunk.forms]


def name_key(name: str) -> str:
    """Return a name without case, accents and punctuation: `Ann O'Brien-Ødegård` is `ann obrien odegard`."""
    return " ".join(chunk.forms[0] for chunk in chunks(name))


def parts_of_name(name: str) -> Iterator[str]:
    """Yield the keys of a name: `Ann Carver` has `ann`, `ann carver` and `carver`.

    Only the first words of a very long name count.
    """
    words = name_key(name).split()[:_LONGEST_NAME]
    for first in range(len(words)):
        for end in range(first, len(words)):
            yield " ".join(words[first : end + 1])


def has_name(names: Iterable[str], wanted: str) -> bool:
    """Return whether one of these people has a name like this."""
    key = name_key(wanted)
    return any(key == part for name in names for part in parts_of_name(name))


def join_number(before: str, noun: str, number: str) -> str | None:
    """Return a noun and its number as a single word: `day` and `1a` are `day1a`.

    None if the second word cannot be a number of the first. A year is not a number of an event, nor is a
    number after `main event` (`before` is the word before the noun).
    """
    name = COUNTED.get(noun)
    if name is None or not _COUNT.match(number) or (before, noun) == ("main", "event"):
        return None
    return name + number


def joined_numbers(words: Iterable[str]) -> list[str]:
    """Return the nouns of a text joined with their numbers: `day 1a` is `day1a`, and also `day1`."""
    found: list[str] = []
    before = noun = ""
    for word in words:
        if one := join_number(before, noun, word):
            found += [one] if one[-1].isdigit() else [one, one[:-1]]
        before, noun = noun, word
    return found


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
    """Return the forms of a number: `10K` is also 10000, `$10,000` also 10k.

    A bare 2000 may be a year, so it is not 2k.
    """
    if not unit and (written == number or len(number) > _MOST_DIGITS):
        return [number]
    whole, _, part = number.partition(".")
    if len(whole) + len(part) > _MOST_DIGITS or len(part) > len(str(_UNITS[unit])) - 1:
        return [whole + unit, part] if part else [whole + unit]
    value = int(whole + part) * _UNITS[unit] // 10 ** len(part)
    first = [] if part else [number + unit]
    return [*first, *amount_forms(value)]


def amount_forms(value: int) -> list[str]:
    """Return an amount of money as people write it: 10000 also as `10k`, 1000000 as `1m`."""
    for unit, size in (("m", 1_000_000), ("k", 1_000)):
        if value and value % size == 0:
            return [str(value), f"{value // size}{unit}"]
    return [str(value)]


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the text without case and accents, and the origin in the text of each of its characters."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    folded = [(plain, origin) for origin, character in enumerate(text) for plain in _plain(character)]
    return "".join(plain for plain, _ in folded), [origin for _, origin in folded]


@lru_cache(maxsize=8_192)
def _plain(character: str) -> str:
    """Return a character without case and accents.

    Hangul and kana stay composed. Digits of all scripts become ASCII digits. Combining marks are removed.
    """
    decomposed = normalize("NFKD", normalize("NFKD", character).casefold())
    bare = "".join(c for c in decomposed if ord(c) not in _LATIN_MARKS).translate(_STROKES)
    composed = normalize("NFC", bare)
    plain = "".join(_digit(c) for c in composed if not category(c).startswith("M"))
    # A sign such as `¼`, which stands for several characters, is not a word.
    return plain if len(plain) < 2 or plain.isalnum() else " "


def _digit(character: str) -> str:
    return str(digit(character)) if category(character) == "Nd" else character
