"""An index of names by their words, in memory, for suggestions while a name is being typed. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from serving.search.terms import WordMatch

T = TypeVar("T")

# Greater than every character of a word.
_LAST = "\U0010ffff"


class NameIndex(Generic[T]):
    """Entries with their words. Searches return entries in the order of `entries`."""

    def __init__(self, entries: Iterable[tuple[T, Iterable[str]]] = ()) -> None:
        self.entries: list[T] = []
        pairs: list[tuple[str, int]] = []
        for number, (entry, words) in enumerate(entries):
            self.entries.append(entry)
            pairs += ((word, number) for word in set(words))
        pairs.sort()
        self._words = [word for word, _ in pairs]
        self._numbers = [number for _, number in pairs]

    def find(self, wanted: Sequence[Sequence[WordMatch]]) -> list[T]:
        """Return the entries that have a match for each of the terms. Each term is one of several words."""
        if not wanted:
            return list(self.entries)
        numbers = self._having(wanted[0])
        for matches in wanted[1:]:
            numbers &= self._having(matches)
        return [self.entries[number] for number in sorted(numbers)]

    def _having(self, matches: Sequence[WordMatch]) -> set[int]:
        numbers: set[int] = set()
        for match in matches:
            first = bisect_left(self._words, match.word)
            end = match.word + _LAST if match.begins else match.word
            numbers.update(self._numbers[first : bisect_right(self._words, end)])
        return numbers
