"""Other roots than the one that is scanned: whether they are there, and whether files of theirs are gone.

They are asked outside of transactions, in processes that can be killed: a root that hangs keeps nobody from the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from orchestration.storage import storage_at
from tasks.media.pool import DeadlineError, MediaPool

Location = tuple[bytes, bytes]
"""Of a root, and of a file in it."""


class OtherRoots:
    """What is known of other roots; each is given `deadline` seconds to answer. Who gives no answer has lost nothing."""

    def __init__(self, pool: MediaPool, deadline: float) -> None:
        self._pool, self._deadline = pool, deadline
        self._there: dict[bytes, bool | None] = {}
        self._gone: dict[Location, bool] = {}

    @property
    def lost(self) -> Collection[bytes]:
        """Roots that are no more: renamed, or not mounted."""
        return [root for root, there in self._there.items() if there is False]

    def is_gone(self, location: Location) -> bool:
        """Whether the file is not where it was, though its root is there."""
        return self._gone.get(location, False)

    def unsure(self, locations: Iterable[Location]) -> list[Location]:
        """Those that are to be looked at, as far as their roots answer."""
        return [each for each in locations if each not in self._gone and self._there.get(each[0], True)]

    def look_for_roots(self, roots: Iterable[bytes]) -> None:
        """Ask whether they are there."""
        for outcome in self._pool.run(_is_there, [(root, (root,)) for root in roots], self._deadline):
            self._there[outcome.item] = outcome.value

    def look_for_files(self, locations: Sequence[Location]) -> None:
        """Ask whether they are gone, each root until it does not answer."""
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
