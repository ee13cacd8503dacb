"""Known players, who may appear in sentences by their family names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tasks.titles.vocabulary.people import COMMON, NAMES, NO_PLAYERS


@dataclass(frozen=True)
class Known:
    """Players by their full names, or by the one name that identifies them."""

    names: frozenset[str]

    @cached_property
    def full(self) -> frozenset[str]:
        """Return the names of two or more words, in lower case."""
        return frozenset(name for name in self._small if " " in name)

    @cached_property
    def first(self) -> frozenset[str]:
        """Return the first words of full names."""
        return frozenset(name.split()[0] for name in self.full)

    @cached_property
    def families(self) -> frozenset[str]:
        """Return the last words of names that identify a player on their own."""
        families = {name.split()[-1] for name in self._small}
        return frozenset(family for family in families if family not in COMMON and family not in NO_PLAYERS)

    @cached_property
    def _small(self) -> list[str]:
        return [name.lower() for name in self.names]


KNOWN = Known(frozenset(NAMES))
"""The players of the vocabulary."""


def known_players(names: Iterable[str]) -> Known:
    """Return these players together with those of the vocabulary."""
    added = frozenset(" ".join(name.split()) for name in names if name.strip())
    return Known(KNOWN.names | added) if added - KNOWN.names else KNOWN
