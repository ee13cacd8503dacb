"""Roots other than the one that is scanned: whether they exist, and whether files of them were removed.

They are checked outside of transactions, in processes that can be killed: a root that hangs does not stop the
others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from orchestration.storage import storage_at
from tasks.media.pool import DeadlineError, MediaPool

Location = tuple[bytes, bytes]
"""The paths of a root, and of a file below it."""


class OtherRoots:
    """The state of other roots. A root that does not respond within `deadline` seconds is assumed intact."""

    def __init__(self, pool: MediaPool, deadline: float) -> None:
        self._pool, self._deadline = pool, deadline
        self._there: dict[bytes, bool | None] = {}
        self._gone: dict[Location, bool] = {}

    @property
    def lost(self) -> Collection[bytes]:
        """Return the roots that do not exist: renamed, or not mounted."""
        return [root for root, there in self._there.items() if there is False]

    def is_gone(self, location: Location) -> bool:
        """Return whether the file does not exist although its root does."""
        return self._gone.get(location, False)

    def unsure(self, locations: Iterable[Location]) -> list[Location]:
        """Return the locations that were not checked yet and whose roots respond."""
        return [each for each in locations if each not in self._gone and self._there.get(each[0], True)]

    def look_for_roots(self, roots: Iterable[bytes]) -> None:
        """Check whether roots exist."""
        for outcome in self._pool.run(_is_there, [(root, (root,)) for root in roots], self._deadline):
            self._there[outcome.item] = outcome.value

    def look_for_files(self, locations: Sequence[Location]) -> None:
        """Check whether files exist; a root that does not respond is not asked again."""
        for root in dict.fromkeys(root for root, _ in locations):
            calls = [(location, location) for location in locations if location[0] == root]
            for outcome in self._pool.run(_is_gone, calls, self._deadline):
                if isinstance(outcome.error, DeadlineError):
                    self._there[root] = None
                    break
                self._gone[outcome.item] = bool(outcome.value)


def _is_there(root: bytes) -> bool:
    return storage_at(root).is_there()


def _is_gone(root: bytes, path: bytes) -> bool:
    storage = storage_at(root)
    try:
        storage.state(path)
    except (FileNotFoundError, NotADirectoryError):
        return storage.is_there()
    except OSError:
        pass
    return False
