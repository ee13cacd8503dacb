"""The name and message of the state in which a flow run ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_models.values import format_count


@dataclass(frozen=True)
class Ending:
    """The end of a run. The name contains the problems: `Completed, 28 missing, 3 quarantined`."""

    name: str
    message: str

    @classmethod
    def of(
        cls,
        name: str,
        message: str,
        problems: Mapping[str, int],
        *,
        unindexed: str | None = None,
        down: str | None = None,
        waiting: int = 0,
    ) -> Ending:
        """Name the problems whose number is not 0.

        `unindexed`: why the search index was not updated. `down`: which roots went down; `waiting`
        files wait for them.
        """
        parts = [f"{number:,} {problem}" for problem, number in problems.items() if number]
        if unindexed:
            parts.append("search index not updated")
            message = f"{message}; {unindexed}"
        if down:
            name = "Root down"
            message = f"{down}. {format_count(waiting, 'file')} wait for the next run; {message}"
        return cls(", ".join([name, *parts]), message)
