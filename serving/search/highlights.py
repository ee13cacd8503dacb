"""Highlights: marks the words of a search in a title with `<em>`, as HTML that is safe to embed.

This module is pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from unicodedata import normalize

from catalog_models.search.korean import is_korean, spans
from catalog_models.search.text import Chunk, chunks, join_number
from serving.search.terms import Term, WordMatch

OPEN, CLOSE = "<em>", "</em>"


def highlight(title: str, terms: Sequence[Term]) -> str:
    """Return the title as escaped HTML, with the found words between `<em>` and `</em>`."""
    text = normalize("NFC", title)
    words = list(chunks(text))
    wanted = [one for term in terms for one in term.wanted]
    marked, end = "", 0
    korean = [one for one in wanted if is_korean(one.word)]
    others = [one for one in wanted if one not in korean]
    for start, stop in _merged([*_found(words, others), *_found_in_korean(words, korean)]):
        marked += f"{escape(text[end:start])}{OPEN}{escape(text[start:stop])}{CLOSE}"
        end = stop
    return marked + escape(text[end:])


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sorted ranges, with overlapping and adjacent ones joined."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _found(words: Sequence[Chunk], wanted: Sequence[WordMatch]) -> Iterator[tuple[int, int]]:
    """Yield the ranges to mark. A name with a number (`Day 3`) is found as a whole."""
    whole = {
        place
        for number in range(1, len(words))
        if any(one.matches(form) for one in wanted for form in _numbered_forms(words, number))
        for place in (number - 1, number)
    }
    for number, word in enumerate(words):
        if number in whole or any(one.matches(form) for one in wanted for form in word.forms):
            yield word.start, word.end


def _found_in_korean(words: Sequence[Chunk], wanted: Sequence[WordMatch]) -> Iterator[tuple[int, int]]:
    """Yield the ranges to mark in Korean words, which are compounds (`한국결승전`) and take endings.

    Only the letters of the search are marked. If an unfinished word matches nowhere exactly, the whole word
    that it begins is marked.
    """
    there = list(spans(words)) if wanted else []
    for one in wanted:
        found = [span.ranges for span in there if span.word == one.word]
        found += [[(word.start, word.end)] for word in words if word.forms[0] == one.word]
        if not found and one.begins:
            # Keep the shortest at each place: it comes first, so in reverse it is set last.
            begun = [span for span in there if span.ends_word and one.matches(span.word)]
            found = list({span.ranges[0][0]: span.ranges for span in reversed(begun)}.values())
        for ranges in found:
            yield from ranges


def _numbered_forms(words: Sequence[Chunk], number: int) -> list[str]:
    before = words[number - 2].forms[0] if number > 1 else ""
    one = join_number(before, words[number - 1].forms[0], words[number].forms[0])
    return [] if one is None else [one] if one[-1].isdigit() else [one, one[:-1]]
