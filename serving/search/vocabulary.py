"""The words that titles have, in this process: what a word that no title has was meant to be."""

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

_FRESH = 30.0  # seconds for which a word that is not here is believed to be in no title
_AT_ONCE = 50  # nearest words that are compared closer


def allowed_errors(word: str) -> int:
    """How many letters may be wrong, too many, missing or swapped with their neighbour: a short word is another word
    soon, and a number is always meant as it stands."""
    if len(word) < 4 or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


class Vocabulary:
    """Words in their order, and those of each length."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._sorted = sorted(words)
        self._known = frozenset(self._sorted)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            self._by_length[len(word)].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def begins(self, word: str) -> bool:
        """Whether a word is this one or begins so."""
        place = bisect_left(self._sorted, word)
        return place < len(self._sorted) and self._sorted[place].startswith(word)

    def parts(self, word: str) -> list[str]:
        """Return the fewest known words that make this one, empty where there are none; the last may be unfinished."""
        fewest: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            is_known = self.begins if end == len(word) else self.__contains__
            found = [
                [*before, word[start:end]]
                for start, before in enumerate(fewest)
                if before is not None and is_known(word[start:end])
            ]
            fewest.append(min(found, key=len, default=None))
        return fewest[-1] or []

    def nearest(self, word: str) -> str | None:
        """The word that was meant, None where none is near enough. Of equally near ones, the one that begins alike: people
        seldom mistype the first letter."""
        allowed = allowed_errors(word)
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        candidates = [near for length in lengths for near in self._by_length.get(length, ())]
        if not allowed or not candidates:
            return None
        found = extract(word, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=_AT_ONCE)
        ranked = [(errors, near[0] != word[0], abs(len(near) - len(word)), near) for near, errors, _ in found]
        return min(ranked)[-1] if ranked else None


class Vocabularies:
    """The newest vocabulary: read again when a word is asked for that the one at hand, grown old, does not have."""

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
        """A vocabulary that has these words, or is fresh enough to say that they are in no title."""
        missing = [word for word in words if not word[-1].isdigit() and not self._at_hand.begins(word)]
        if missing or self._read_at is None:
            async with self._reading:  # of many searches at once, one reads
                if self._read_at is None or self._clock() - self._read_at > _FRESH:
                    self._at_hand = await self._load(session)
                    self._read_at = self._clock()
        return self._at_hand


async def load_vocabulary(session: AsyncSession) -> Vocabulary:
    """All words of the table, in one text: a row for each takes six times as long."""
    words = await session.scalar(select(func.string_agg(SearchWord.word, " ")))
    return Vocabulary(words.split() if words else ())
