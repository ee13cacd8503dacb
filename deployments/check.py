"""The result of one of `wsoptv doctor`'s checks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was found; `mend` is empty when there is nothing to mend."""

    name: str
    ok: bool
    says: str
    mend: str = ""
