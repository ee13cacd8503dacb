"""HTTP dates (RFC 9110 §5.6.7): one format to send, three to accept.

Dates are whole seconds since 1970.
"""

from __future__ import annotations

import calendar
import re
import time
from email.utils import formatdate
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DAY, _LONG_DAY, _MONTH = (f"(?:{'|'.join(names)})" for names in (_DAYS, _LONG_DAYS, _MONTHS))
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{2}}) (?P<month>{_MONTH}) (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-(?P<month>{_MONTH})-(?P<short_year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY} (?P<month>{_MONTH}) (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


# Each response contains the current date and that of a file, which repeat often.
@lru_cache(1024)
def format_http_date(seconds: int) -> str:
    """Return a date such as `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return formatdate(seconds, usegmt=True)


def parse_http_date(text: str, now: float) -> int | None:
    """Return the time that `text` names in one of the three formats, or None if it is not an HTTP date.

    A two-digit year that would be more than 50 years after `now` belongs to the past century.
    """
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
    if match is None:
        return None
    fields = match.groupdict()
    year = _full_year(int(fields["short_year"]), now) if "short_year" in fields else int(fields["year"])
    month, day = _MONTHS.index(fields["month"]) + 1, int(fields["day"])
    hour, minute, second = (int(fields[unit]) for unit in ("hour", "minute", "second"))
    if year < 1 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    # Second 60 is a leap second.
    if hour > 23 or minute > 59 or second > 60:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def _full_year(two_digits: int, now: float) -> int:
    this_year = time.gmtime(now).tm_year
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year
