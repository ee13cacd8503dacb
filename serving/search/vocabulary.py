"""The words of all titles, in this process, and the correction of words that no title has."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import SearchWord

# Seconds for which an unknown word is assumed to be in no title.
_FRESH = 30.0
# The nearest words, which are compared more closely.
_AT_ONCE = 50


def allowed_errors(word: str) -> int:
    """Return how many letters of a word may be wrong, added, missing or swapped.

    A short word quickly becomes another word, and a number is never corrected.
    """
    if len(word) < 4 or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


class Vocabulary:
    """Words in alphabetical order, and by length."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._sorted = sorted(words)
        self._known = frozenset(self._sorted)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            self._by_length[len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def begins(self, word: str) -> bool:
        """Return whether a word is this one or begins with it."""
        place = bisect_left(self._sorted, word)
        return place < len(self._sorted) and self._sorted[place].startswith(word)

    def parts(self, word: str) -> list[str]:
        """Return the fewest known words that make up this one, or none; the last may be unfinished."""
        longest = max(self._by_length, default=0)
        fewest: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            is_known = self.begins if end == len(word) else self.__contains__
            found = [
                [*before, word[start:end]]
                for start in range(max(0, end - longest), end)
                if (before := fewest[start]) is not None and is_known(word[start:end])
            ]
            fewest.append(min(found, key=len, default=None))
        return fewest[-1] or []

    def nearest(self, word: str) -> str | None:
        """Return the word that was meant, None if none is near enough.

        Of equally near words, one with the same first letter: people seldom mistype it.
        """
        allowed = allowed_errors(word)
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        candidates = [near for length in lengths for near in self._by_length.get(length, ())]
        if not allowed or not candidates:
            return None
        found = extract(word, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=_AT_ONCE)
        ranked = [(errors, near[0] != word[0], abs(len(near) - len(word)), near) for near, errors, _ in found]
        return min(ranked)[-1] if ranked else None


class VocabularyCache:
    """The newest vocabulary: read again if it has grown old and lacks a word."""

    def __init__(
        self,
        load: Callable[[AsyncSession], Awaitable[Vocabulary]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load or load_vocabulary
        self._clock = clock
        self._at_hand = Vocabulary()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def covering(self, session: AsyncSession, words: Iterable[str]) -> Vocabulary:
        """Return a vocabulary that has these words, or is fresh enough to know that no title has them."""
        missing = [word for word in words if not word[-1].isdigit() and not self._at_hand.begins(word)]
        if missing or self._read_at is None:
            # Of concurrent searches, one reads.
            async with self._reading:
                if self._read_at is None or self._clock() - self._read_at > _FRESH:
                    self._at_hand = await self._load(session)
                    self._read_at = self._clock()
        return self._at_hand


async def load_vocabulary(session: AsyncSession) -> Vocabulary:
    """Return the words of the table, read as one text: a row for each word takes six times as long."""
    words = await session.scalar(select(func.string_agg(SearchWord.word, " ")))
    return Vocabulary(words.split() if words else ())
