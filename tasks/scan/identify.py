"""Read the fingerprint of a file that may be a known one at a new path."""

from __future__ import annotations

from catalog_models.values import Fingerprint
from tasks.media.fingerprint import fingerprint
from tasks.media.source import open_source


def identify(path: bytes, size: int, mtime_ns: int) -> Fingerprint:
    """Return the fingerprint of one file. Raise the errors of `open_source`."""
    with open_source(path, size, mtime_ns) as source:
        return fingerprint(source)
