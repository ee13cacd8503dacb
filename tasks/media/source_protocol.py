"""The interface of an open file of the archive, in a folder or a bucket."""

from __future__ import annotations

from typing import Protocol


class SourceChangedError(Exception):
    """The file differs from the scanned one, or changed while it was read: the next run reads it."""


class SourceGoneError(Exception):
    """The file disappeared after it was scanned."""


class Source(Protocol):
    """An open file of `size` bytes, at the location `path`."""

    @property
    def path(self) -> bytes: ...

    @property
    def size(self) -> int: ...

    @property
    def medium(self) -> object:
        """Return what PyAV opens: a name, or an object with `read`, `seek` and `tell`."""

    def read(self, length: int, offset: int) -> bytes:
        """Return up to `length` bytes from `offset`. Network file systems may return fewer."""

    def send(self, target: int, offset: int, length: int) -> int:
        """Write up to `length` bytes from `offset` to the same place of the descriptor `target`.

        Return their number.
        """
