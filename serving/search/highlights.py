"""Where a title has the words of a search: marked with `<em>`, in text that is safe to put into a page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from unicodedata import normalize

from catalog_models.search_text import Chunk, chunks, glued
from serving.search.terms import Term

OPEN, CLOSE = "<em>", "</em>"


def highlight(title: str, terms: Sequence[Term]) -> str:
    """The title as HTML text: `&`, `<`, `>` and quotes escaped, the words that were found between `<em>` and `</em>`."""
    text = normalize("NFC", title)
    marked, end = "", 0
    for start, stop in _found(list(chunks(text)), terms):
        marked += f"{escape(text[end:start])}{OPEN}{escape(text[start:stop])}{CLOSE}"
        end = stop
    return marked + escape(text[end:])


def _found(words: Sequence[Chunk], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where there is to be a mark; a counted thing (`Day 3`) is found as a whole."""
    wanted = [one for term in terms for one in term.wanted]
    whole = {
        place
        for number in range(1, len(words))
        if any(one.fits(form) for one in wanted for form in _counted(words, number))
        for place in (number - 1, number)
    }
    for number, word in enumerate(words):
        if number in whole or any(one.fits(form) for one in wanted for form in word.forms):
            yield word.start, word.end


def _counted(words: Sequence[Chunk], number: int) -> list[str]:
    before = words[number - 2].forms[0] if number > 1 else ""
    one = glued(before, words[number - 1].forms[0], words[number].forms[0])
    return [] if one is None else [one] if one[-1].isdigit() else [one, one[:-1]]
