"""Compare a new digest with the known one. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from catalog_models.values import Finding, Severity
from tasks.fixity.digest import Digest


class FixityResult(StrEnum):
    """The result of reading a file."""

    # No digest was known, or the file was changed and scanned since.
    FIRST = "first"
    SAME = "same"
    BIT_ROT = "bit_rot"
    SILENT_CHANGE = "silent_change"


@dataclass(frozen=True, slots=True)
class Known:
    """The last known digests, size (bytes) and time of change of a file."""

    digest: Digest
    size: int
    mtime_ns: int
    hashed_at: dt.datetime


def judge(known: Known | None, size: int, mtime_ns: int, found: Digest) -> FixityResult:
    """Compare a file's bytes with its last known digest.

    If size and time are the same but the bytes differ, the change was not announced. If both ends of the file
    are the same, it is bit rot. Otherwise another process changed the file and reset its time.
    """
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
    """Return the finding for a damaged file."""
    since = f"since it was hashed on {known.hashed_at:%Y-%m-%d}, while its size and time stayed the same"
    what = (
        f"some of its bytes changed {since}: restore it from a backup"
        if outcome is FixityResult.BIT_ROT
        else f"its content was replaced {since}: find out who did it, or restore it from a backup"
    )
    return Finding(str(outcome), Severity.NOTE, what)
