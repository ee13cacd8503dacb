"""The result of one of `wsoptv doctor`'s checks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """The result of a check; `mend` is the remedy, empty if there is no problem."""

    name: str
    ok: bool
    says: str
    mend: str = ""
