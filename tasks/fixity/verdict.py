"""What a digest says beside the one that is known. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from catalog_models.values import Finding, Severity
from tasks.fixity.digest import Digest


class FixityResult(StrEnum):
    """What became of a file."""

    FIRST = "first"  # nothing was known of it, or it was changed and scanned since: this is what it is now
    SAME = "same"
    BIT_ROT = "bit_rot"
    SILENT_CHANGE = "silent_change"


@dataclass(frozen=True, slots=True)
class Known:
    """What was last hashed: its digests, size (bytes) and time of change."""

    digest: Digest
    size: int
    mtime_ns: int
    hashed_at: dt.datetime


def judge(known: Known | None, size: int, mtime_ns: int, found: Digest) -> FixityResult:
    """A file whose size and time are as they were, and whose bytes are not, was changed by nobody who says so: its disk
    (both ends are the same: bit rot), or somebody who set the clock back (an end is another)."""
    if known is None:
        return FixityResult.FIRST
    if known.digest.sha256 == found.sha256:
        return FixityResult.SAME
    if (known.size, known.mtime_ns) != (size, mtime_ns):
        return FixityResult.FIRST
    return (
        FixityResult.BIT_ROT if known.digest.fingerprint == found.fingerprint else FixityResult.SILENT_CHANGE
    )


def finding(outcome: FixityResult, known: Known) -> Finding:
    """What people are told of a damaged file."""
    since = f"since it was hashed on {known.hashed_at:%Y-%m-%d}, though its size and time say that it did not"
    what = (
        f"some of its bytes changed {since}: restore it from a backup"
        if outcome is FixityResult.BIT_ROT
        else f"it is another file {since}: find out who replaced it, or restore it from a backup"
    )
    return Finding(str(outcome), Severity.NOTE, what)
