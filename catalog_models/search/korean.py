"""Korean words of a text with other spaces: `한국 결승전` is also `한국결승전`, and the reverse. Pure.

A document has every part of a Korean word, and each run of neighbouring words as a single word. So PostgreSQL
and Meilisearch find them with whatever spaces a search has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from catalog_models.search.text import HANGUL, Chunk, chunks

# The most syllables of a word. The vocabulary splits a search that joins more.
_LONGEST = 16
_KOREAN = re.compile(f"[{HANGUL}]+")


class Span(NamedTuple):
    """A word that other spaces would make. It has one range of the text for each written word."""

    word: str
    ranges: list[tuple[int, int]]
    ends_word: bool


def is_korean(word: str) -> bool:
    """Return whether a word is written in Hangul alone."""
    return bool(_KOREAN.fullmatch(word))


def other_spacings(text: str) -> list[str]:
    """Return the words that a text would have if its Korean had other spaces."""
    if text.isascii():
        return []
    return list(dict.fromkeys(span.word for span in spans(chunks(text))))


def spans(words: Sequence[Chunk]) -> Iterator[Span]:
    """Yield the parts of Korean words, and of joined neighbours, from two syllables on."""
    for korean, run in groupby(words, lambda chunk: is_korean(chunk.forms[0])):
        if korean:
            yield from _of_run(list(run))


def _of_run(run: Sequence[Chunk]) -> Iterator[Span]:
    joined = "".join(chunk.forms[0] for chunk in run)
    # The number of the word of each syllable, and the place of the syllable in it.
    places = [(number, at) for number, chunk in enumerate(run) for at in range(len(chunk.forms[0]))]
    for start in range(len(joined)):
        for end in range(start + 2, min(len(joined), start + _LONGEST) + 1):
            (first, head), (last, tail) = places[start], places[end - 1]
            if first == last or _joins(run, places[start], places[end - 1]):
                ends = tail + 1 == len(run[last].forms[0])
                yield Span(joined[start:end], _ranges(run, (first, head), (last, tail)), ends)


def _joins(run: Sequence[Chunk], start: tuple[int, int], end: tuple[int, int]) -> bool:
    """Return whether the parts of two words may be joined.

    One syllable of each does not suffice: `한국` would be found in `대한 국민`.
    """
    (first, head), (last, tail) = start, end
    whole_head, whole_tail = head == 0, tail + 1 == len(run[last].forms[0])
    return (whole_head or len(run[first].forms[0]) - head > 1) and (whole_tail or tail > 0)


def _ranges(run: Sequence[Chunk], start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    (first, head), (last, tail) = start, end
    found = []
    for number in range(first, last + 1):
        chunk = run[number]
        begin, stop = chunk.start, chunk.end
        # A syllable is one character of the text, except for rare compatibility letters.
        if len(chunk.forms[0]) == stop - begin:
            stop = begin + tail + 1 if number == last else stop
            begin = begin + head if number == first else begin
        found.append((begin, stop))
    return found
