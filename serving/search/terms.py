"""Terms of a search: its words, and the words of titles that match each of them.

This module is pure. docs/search.md explains the rules to viewers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_models.search.korean import is_korean
from catalog_models.search.text import chunks, join_number
from serving.search.vocabulary import Vocabulary

MOST = 16
"""The most words of a search. A longer text was probably pasted by accident."""

# The beginning of a year that is still being typed.
_YEARS = re.compile(r"(?:19|20)\d\Z")
_AMOUNT = re.compile(r"\d+[km]\Z")


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word that matches in a title. With `begins`, longer words that begin with it match as well."""

    word: str
    begins: bool = False

    def matches(self, word: str) -> bool:
        """Return whether a word of a title matches."""
        return word.startswith(self.word) if self.begins else word == self.word


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a search as it was typed, the words that match it, and its correction."""

    typed: str
    wanted: tuple[WordMatch, ...]
    corrected: str | None = None

    @property
    def is_number(self) -> bool:
        """Return whether the word ends in a digit and matches only itself."""
        return self.typed[-1].isdigit() and len(self.wanted) == 1

    @property
    def is_exact(self) -> bool:
        """Return whether the word is a number or an amount, which is never the beginning of another word."""
        return self.is_number or bool(_AMOUNT.match(self.typed))

    @property
    def droppable(self) -> bool:
        """Return whether the word may be left out.

        Numbers may not, because a different year is not a match. Amounts may.
        """
        return not any(character.isdigit() for character in self.typed) or bool(_AMOUNT.match(self.typed))


def words_of(text: str) -> list[str]:
    """Return the distinct words of a search, at most `MOST`. A name with a number (`day 1a`) is one word."""
    words: list[str] = []
    before = counter = ""
    for word in (chunk.forms[0] for chunk in chunks(text)):
        if one := join_number(before, counter, word):
            words[-1] = one
        else:
            words.append(word)
        before, counter = counter, word
    return list(dict.fromkeys(words))[:MOST]


def terms_of(words: Sequence[str], vocabulary: Vocabulary) -> list[Term]:
    """Return the term of each word. The last word may be unfinished.

    A Korean word that no title has is split into words that titles have.
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
        return Term(word, tuple(WordMatch(one) for one in (word, *years)))
    begun = vocabulary.begins(word)
    itself = WordMatch(word, begins=last or (begun and word not in vocabulary))
    near = None if begun else vocabulary.nearest(word)
    return Term(word, (itself,) if near is None else (itself, WordMatch(near)), near)


def tsquery(terms: Sequence[Term], weight: str = "") -> str:
    """Return a `tsquery` of PostgreSQL that requires all terms, in words of this weight if one is given.

    Words consist of letters and digits, so they contain no operators.
    """
    return " & ".join(f"({' | '.join(_literal(wanted, weight) for wanted in term.wanted)})" for term in terms)


def _literal(wanted: WordMatch, weight: str) -> str:
    marks = ("*" if wanted.begins else "") + weight
    return f"'{wanted.word}'" + (f":{marks}" if marks else "")


def corrected_text(terms: Sequence[Term]) -> str | None:
    """Return the corrected text of the search, or None if nothing was corrected."""
    if not any(term.corrected for term in terms):
        return None
    return " ".join(term.corrected or term.typed for term in terms)
