"""What a file of the archive is to whoever reads it, wherever it lies."""

from __future__ import annotations

from typing import Protocol


class SourceChangedError(Exception):
    """The file is not the one that the scan saw, or it changed while it was read: the next run takes it."""


class SourceGoneError(Exception):
    """The file vanished after the scan saw it."""


class Source(Protocol):
    """An open file of `size` bytes, at the location `path`."""

    @property
    def path(self) -> bytes: ...

    @property
    def size(self) -> int: ...

    @property
    def medium(self) -> object:
        """What PyAV may open: a name, whatever bytes are in the path, or something with `read`, `seek` and `tell`."""

    def read(self, length: int, offset: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer at the end, or where a network file system answers fewer."""

    def send(self, target: int, offset: int, length: int) -> int:
        """Write up to `length` bytes from `offset` to the same place of the descriptor `target`; how many it were."""
