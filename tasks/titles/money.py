"""Amounts as editors write them: `$1.5K`, `10k`, `€10,350`, `1500`."""

from __future__ import annotations

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


def amount_of(digits: str, unit: str | None) -> int:
    """Return whole units.

    A comma or point before three digits separates thousands; another point is decimal.
    """
    whole, _, rest = digits.rstrip(".,").replace(",", "").partition(".")
    if rest and len(rest) == 3 and not unit:
        whole, rest = whole + rest, ""
    return round(float(f"{whole or 0}.{rest or 0}") * _UNITS[(unit or "").lower()])
