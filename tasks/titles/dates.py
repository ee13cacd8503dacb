"""Dates of broadcast or production in file names."""

from __future__ import annotations

import datetime as dt
import re

from tasks.titles.draft import Draft

_DATE = re.compile(
    r"(?<![\dA-Za-z])(?:(?P<whole>20\d\d[01]\d[0-3]\d)"
    r"|(?P<iso>20\d\d([-._])[01]?\d\3[0-3]?\d|20\d\d년 ?[01]?\d월 ?[0-3]?\d일)"
    r"|(?P<short>\d\d[01]\d[0-3]\d)|(?P<day>\A[01]\d[0-3]\d(?=_)))(?![\dA-Za-z])"
)
_DATE_WITHIN = re.compile(r"(?<!\d)(20\d\d)[-._]?([01]\d)[-._]?([0-3]\d)(?:\d{6})?(?!\d)")


def take_date(stem: str, draft: Draft) -> str:
    """Remove a date from a name, and record it in the draft.

    A month and a day without a year are recorded as `-12-17`; a folder may have the year.
    """
    found = _DATE.search(stem)
    if found is None:
        return stem
    if found["day"]:
        date: str | None = f"-{found['day'][:2]}-{found['day'][2:]}"
    else:
        date = valid_date(
            found["whole"] or (found["short"] and f"20{found['short']}") or _digits(found["iso"])
        )
    if date is None:
        return stem
    draft.record("date", found.group(), date=date)
    return stem[: found.start()] + ("_" if draft.slug else " ") + stem[found.end() :].lstrip("_ ")


def record_date_within(stem: str, draft: Draft) -> None:
    """Record the date in a name that stays as it is: `GMT20310704-101010_Recording`."""
    if found := _DATE_WITHIN.search(stem):
        draft.record("date", found.group(), date=valid_date("".join(found.groups())))


def date_of_year(date: str, year: int | None) -> str | None:
    """Return a date such as `-12-17` in a year, or None without a year."""
    return valid_date(f"{year}{date.replace('-', '')}") if year else None


def _digits(date: str) -> str:
    year, month, day = re.findall(r"\d+", date)
    return f"{year}{month:0>2}{day:0>2}"


def valid_date(digits: str) -> str | None:
    """Return the date of eight digits, or None if it does not exist."""
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None
