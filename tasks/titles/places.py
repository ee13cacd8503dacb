"""The stops of a series, whether the vocabulary has them or not."""

from __future__ import annotations

import re

from tasks.titles.draft import Draft
from tasks.titles.remaining_text import BREAK, TAKEN, take
from tasks.titles.spelling import cased, spell
from tasks.titles.vocabulary.people import NO_PLACES
from tasks.titles.vocabulary.series import WSOP, full_year

# Up to three capitalised words between the series and a year, an event, a separator or the end.
_BEHIND_SERIES = re.compile(
    rf"{TAKEN}[\s-]*([A-ZÀ-Þ][^\W\d_]{{2,}}(?:\s[A-ZÀ-Þ][^\W\d_]+){{0,2}}?)"
    rf"(?=\s*(?:\Z|[{TAKEN}{BREAK}]|[-–|#$€]|\s\d|\b(?:Main|EV|Event|Day)\b))"
)
_YEAR_BEHIND = re.compile(r"\d\d(?!\d)")


def take_place(text: str, draft: Draft) -> str:
    """Take a stop of the draft's series out of a text, with a year after it: `PRG31`."""
    series = draft.series
    if series is None or series.place_pattern is None or draft.place:
        return text
    found = series.place_pattern.search(text)
    if found is None:
        return text if series.brand == WSOP.brand else _take_unknown_place(text, draft)
    draft.place = series.stop(found.group())
    draft.record("place", found.group())
    end = found.end()
    if year := _YEAR_BEHIND.match(text, end):
        draft.record("year", year.group(), year=full_year(year.group()))
        end = year.end()
    return take(text, found.start(), end)


def _take_unknown_place(text: str, draft: Draft) -> str:
    found = _BEHIND_SERIES.search(text)
    if found is None or spell(found[1]).known:
        return text
    if any(word.lower() in NO_PLACES for word in found[1].split()):
        return text
    draft.place = cased(found[1].strip())
    draft.doubt(0.8)
    draft.record("place", found[1])
    return take(text, *found.span(1))
