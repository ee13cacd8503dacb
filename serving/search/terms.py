"""What a search asks for: its words, and for each what of a title would do. Pure.

docs/search.md tells the rules to viewers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_models.search_korean import is_korean
from catalog_models.search_text import chunks, glued
from serving.search.vocabulary import Vocabulary

MOST = 16
"""Words of a search that count; a longer one is a text that somebody pasted."""

_YEARS = re.compile(r"(?:19|20)\d\Z")  # a year that is being typed
_AMOUNT = re.compile(r"\d+[km]\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of a title that would do; with `begins`, also longer words that begin so."""

    word: str
    begins: bool = False

    def fits(self, word: str) -> bool:
        """Whether this word of a title is one."""
        return word.startswith(self.word) if self.begins else word == self.word


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the search as it was typed, what would do for it, and the word that it was corrected to."""

    typed: str
    wanted: tuple[Wanted, ...]
    corrected: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is a number, or a thing with one, that stands for itself alone."""
        return self.typed[-1].isdigit() and len(self.wanted) == 1

    @property
    def is_exact(self) -> bool:
        """Return whether the word is meant as it stands, like a number: an amount is, too."""
        return self.is_number or bool(_AMOUNT.match(self.typed))

    @property
    def droppable(self) -> bool:
        """Numbers are meant as they stand: another year is no answer. An amount is often left out of titles."""
        return not any(character.isdigit() for character in self.typed) or bool(_AMOUNT.match(self.typed))


def words_of(text: str) -> list[str]:
    """The words of a search, a counted thing (`day 1a`) as one word; each once, at most `MOST`."""
    words: list[str] = []
    before = counter = ""
    for word in (chunk.forms[0] for chunk in chunks(text)):
        if one := glued(before, counter, word):
            words[-1] = one
        else:
            words.append(word)
        before, counter = counter, word
    return list(dict.fromkeys(words))[:MOST]


def terms_of(words: Sequence[str], vocabulary: Vocabulary) -> list[Term]:
    """Return what each word asks for; the last one may be unfinished.

    Korean words that no title has as one are taken apart into words that titles have.
    """
    parts = list(dict.fromkeys(part for word in words for part in _parts(word, vocabulary)))[:MOST]
    return [_term(word, vocabulary, last=number == len(parts)) for number, word in enumerate(parts, start=1)]


def _parts(word: str, vocabulary: Vocabulary) -> Sequence[str]:
    if not is_korean(word) or vocabulary.begins(word):
        return [word]
    return vocabulary.parts(word) or [word]


def _term(word: str, vocabulary: Vocabulary, *, last: bool) -> Term:
    if word[-1].isdigit():
        years = [f"{word}{digit}" for digit in range(10)] if last and _YEARS.match(word) else []
        return Term(word, tuple(Wanted(one) for one in (word, *years)))
    begun = vocabulary.begins(word)
    itself = Wanted(word, begins=last or (begun and word not in vocabulary))
    near = None if begun else vocabulary.nearest(word)
    return Term(word, (itself,) if near is None else (itself, Wanted(near)), near)


def tsquery(terms: Sequence[Term], weight: str = "") -> str:
    """The terms as PostgreSQL's tsquery: all of them, with `weight` (`A`) in words of that weight alone.

    Words are letters and digits, so nothing in them is an operator.
    """
    return " & ".join(f"({' | '.join(_literal(wanted, weight) for wanted in term.wanted)})" for term in terms)


def _literal(wanted: Wanted, weight: str) -> str:
    marks = ("*" if wanted.begins else "") + weight
    return f"'{wanted.word}'" + (f":{marks}" if marks else "")


def corrected_text(terms: Sequence[Term]) -> str | None:
    """The search as it was understood, None where it was taken as typed."""
    if not any(term.corrected for term in terms):
        return None
    return " ".join(term.corrected or term.typed for term in terms)
