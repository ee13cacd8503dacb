"""The fingerprint of a file: what a rename leaves as it is."""

from __future__ import annotations

from hashlib import blake2b

from catalog_models.values import Fingerprint
from tasks.media.source_protocol import Source

EDGE = 64 * 1024
"""Bytes that are hashed at either end."""


def fingerprint(source: Source) -> Fingerprint:
    """Size and a 128-bit BLAKE2b of the first and last 64 KiB, of the whole file when it is smaller than both."""
    digest = blake2b(source.read(EDGE, 0), digest_size=16)
    if source.size > EDGE:
        digest.update(source.read(EDGE, max(EDGE, source.size - EDGE)))
    return Fingerprint(source.size, digest.digest())
