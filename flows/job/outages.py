"""Roots that go down during a run: their files are left for the next run, without dead letters.

The error of one file says little: if a share is not mounted, each file looks deleted; if credentials have
expired, each looks forbidden; if a server hangs, each takes its whole deadline. So the root itself is
checked.
"""

from __future__ import annotations

import errno
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select

from catalog_models.tables import MediaFile, Root
from catalog_models.values import ClaimedFile, path_as_text
from orchestration.storage import is_bucket, is_down
from orchestration.storage.readable import FilesUnreadableError, expect_readable_within
from orchestration.transactions import Transaction, Transactions
from tasks.media.pool import DeadlineError, MediaPool, Outcome
from tasks.media.retries import with_retries
from tasks.media.source_protocol import SourceChangedError
from tasks.titles import is_video_path

# Seconds that a root may take to respond: disks of a NAS may have to spin up.
_PATIENCE = 10.0
# Seconds for which a successful check holds: the error of a file is then its own.
_TRUSTED = 2.0


class RootDownError(Exception):
    """The root of the file is down: the file is left for the next run."""


class OutagePassedError(Exception):
    """The storage failed, and works again: the file is tried once more."""


class Outages:
    """The roots that are down in one run.

    A root that went down stays so until the run ends. Threads may share it.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._down: dict[bytes, str] = {}
        self._up_at: dict[bytes, float] = {}
        self._read: dict[bytes, bytes] = {}
        self._again: set[uuid.UUID] = set()
        self._lock = threading.Lock()

    @property
    def roots(self) -> frozenset[bytes]:
        """Return the roots that are down."""
        return frozenset(self._down.copy())

    @property
    def reasons(self) -> list[str]:
        """Return which roots are down and why, a sentence each."""
        return list(self._down.copy().values())

    def refusal(self, root: bytes) -> RootDownError | None:
        """Return the error of all files of a root that is down."""
        return RootDownError(self._down[root]) if root in self._down else None

    def note_read(self, root: bytes, path: bytes) -> None:
        """Note a file (relative path) that could be read just now."""
        self._read[root] = path

    def explain(self, root: bytes, path: bytes, error: BaseException | None) -> bool:
        """Return whether the root is down, which explains the error of its file at the relative `path`.

        Check the root, unless it responded just now and the error concerns a single file.
        """
        with self._lock:
            if root in self._down:
                return True
            recent = time.monotonic() - self._up_at.get(root, -_TRUSTED) < _TRUSTED
            if recent and not _is_wide(error):
                return False
            try:
                samples = [sample for sample in self._samples(root) if sample != path]
                expect_readable_within(_PATIENCE, root, samples, partial(_is_another_video, path))
            except OSError as problem:
                if _is_of_files(root, problem):
                    return False
                self._down[root] = f"{path_as_text(root)} is down: {problem.strerror or problem}"
                return True
            self._up_at[root] = time.monotonic()
            return False

    def open_files(
        self, pool: MediaPool, calls: Iterable[tuple[ClaimedFile, tuple[Any, ...]]], deadline: float
    ) -> Iterator[Outcome[ClaimedFile, Any]]:
        """Make the calls `(file, (function, *arguments))` in the pool.

        Files of a root that goes down meanwhile are not tried, and have a `RootDownError`. A file that failed
        in a short outage has an `OutagePassedError`.
        """
        refused: list[Outcome[ClaimedFile, Any]] = []

        def admitted() -> Iterator[tuple[ClaimedFile, tuple[Any, ...]]]:
            for file, arguments in calls:
                if error := self.refusal(file.root):
                    refused.append(Outcome(file, error=error))
                else:
                    yield file, arguments

        for outcome in pool.run(with_retries, admitted(), deadline, lambda file: self.refusal(file.root)):
            yield self._judged(outcome)
        yield from refused

    def _judged(self, outcome: Outcome[ClaimedFile, Any]) -> Outcome[ClaimedFile, Any]:
        file, error = outcome.item, outcome.error
        path = file.path.removeprefix(file.root.rstrip(b"/") + b"/")
        if error is None and not getattr(outcome.value, "is_broken", False):
            self.note_read(file.root, path)
            return outcome
        if isinstance(error, RootDownError | SourceChangedError):
            return outcome
        if self.explain(file.root, path, error):
            return replace(outcome, value=None, error=RootDownError(self._down[file.root]))
        if _is_wide(error) and file.id not in self._again:
            self._again.add(file.id)
            return replace(outcome, error=OutagePassedError(str(error)))
        return outcome

    def _samples(self, root: bytes) -> list[bytes]:
        """Return files that are likely to be readable.

        They are the last one that was read in this run, and the root's first and last one: a forbidden folder
        is a range of paths, which seldom contains both.
        """

        def ends(work: Transaction) -> list[bytes]:
            query = (
                select(MediaFile.path)
                .join(Root, Root.id == MediaFile.root_id)
                .where(Root.path == root, MediaFile.missing_since.is_(None))
                .limit(1)
            )
            found = (work.session.scalar(query.order_by(order)) for order in _ORDERS)
            return [path for path in found if path is not None]

        known = self._transactions.run(ends)
        return list(dict.fromkeys([*([self._read[root]] if root in self._read else []), *known]))


_ORDERS = (MediaFile.path, MediaFile.path.desc())


def _is_wide(error: BaseException | None) -> bool:
    """Return whether an error is likely to affect the whole storage."""
    return isinstance(error, DeadlineError) or (error is not None and is_down(error))


def _is_of_files(root: bytes, problem: OSError) -> bool:
    """Return whether the files, not their root, are at fault.

    Each file of a folder has permissions and locks of its own; those of a bucket share one permission.
    """
    of_the_root = is_bucket(root) or is_down(problem) or problem.errno == errno.EIO
    return isinstance(problem, FilesUnreadableError) and not of_the_root


def _is_another_video(path: bytes, other: bytes) -> bool:
    return other != path and is_video_path(path_as_text(other))
