"""The words of all titles, cached in this process, and the correction of words that no title has."""

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

# For this many seconds, an unknown word is assumed to be in no title.
_FRESH = 30.0
# The number of similar words that are compared more closely.
_AT_ONCE = 50


def allowed_errors(word: str) -> int:
    """Return the number of letters of a word that may be wrong, added, missing or swapped.

    Short words would easily become different words, and numbers are never corrected.
    """
    if len(word) < 4 or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


class Vocabulary:
    """A set of words with lookups by prefix, by parts and by similarity."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._sorted = sorted(words)
        self._known = frozenset(self._sorted)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            self._by_length[len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def begins(self, word: str) -> bool:
        """Return whether any known word begins with this one or equals it."""
        place = bisect_left(self._sorted, word)
        return place < len(self._sorted) and self._sorted[place].startswith(word)

    def parts(self, word: str) -> list[str]:
        """Return the fewest known words that compose this one, or an empty list.

        The last may be unfinished.
        """
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
        """Return the most similar known word, or None if none is similar enough.

        Among equally similar words, one with the same first letter is preferred, because it is rarely
        mistyped.
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
    """Caches the vocabulary, and reads it again if it is old and lacks a word."""

    def __init__(
        self,
        load: Callable[[AsyncSession], Awaitable[Vocabulary]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load or load_vocabulary
        self._clock = clock
        self._current = Vocabulary()
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def covering(self, session: AsyncSession, words: Iterable[str]) -> Vocabulary:
        """Return a vocabulary that has these words, or is fresh enough to prove that no title has them."""
        missing = [word for word in words if not word[-1].isdigit() and not self._current.begins(word)]
        if missing or self._read_at is None:
            # Only one of several concurrent searches reads.
            async with self._reading:
                if self._read_at is None or self._clock() - self._read_at > _FRESH:
                    self._current = await self._load(session)
                    self._read_at = self._clock()
        return self._current


async def load_vocabulary(session: AsyncSession) -> Vocabulary:
    """Read the words of the table as a single text: one row per word would take six times as long."""
    words = await session.scalar(select(func.string_agg(SearchWord.word, " ")))
    return Vocabulary(words.split() if words else ())
