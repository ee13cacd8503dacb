"""The fingerprint of a file, which stays the same after a rename."""

from __future__ import annotations

from hashlib import blake2b

from catalog_models.values import Fingerprint
from tasks.media.source_protocol import Source

EDGE = 64 * 1024
"""Bytes that are hashed at each end."""


def fingerprint(source: Source) -> Fingerprint:
    """Return the size, and a 128-bit BLAKE2b of the first and last 64 KiB (or of a whole small file)."""
    digest = blake2b(source.read(EDGE, 0), digest_size=16)
    if source.size > EDGE:
        digest.update(source.read(EDGE, max(EDGE, source.size - EDGE)))
    return Fingerprint(source.size, digest.digest())
