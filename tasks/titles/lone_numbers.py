"""Numbers that stand alone among codes: a day, a year of two digits, a season, a buy-in."""

from __future__ import annotations

import re

from tasks.titles.draft import Draft
from tasks.titles.remaining_text import BREAK, remaining, take
from tasks.titles.spelling import spell
from tasks.titles.vocabulary.series import full_year

_DAY = re.compile(r"(?<![\w.,-])[1-3][A-F]{1,4}(?![\w.,-])")
_TWO_DIGITS = re.compile(r"(?<![\w$€.,-])\d\d(?![\w.,-])")
_AMOUNT = re.compile(r"(?<![\w$€.,-])[1-9]\d{2,4}(?![\w.,-])")


def take_lone_numbers(text: str, draft: Draft) -> str:
    """Take the numbers that stand alone out of a name of codes. All of them are guesses."""
    if draft.series is not None:
        text = _take_day(text, draft)
        text = _take_year_or_season(text, draft)
    return _take_buy_in(text, draft)


def _take_day(text: str, draft: Draft) -> str:
    found = None if "day" in draft.fields else _DAY.search(text)
    if found is None:
        return text
    draft.when.append((1, f"Day {found.group()}"))
    draft.record("day", found.group(), day=found.group())
    draft.doubt(0.85)
    return take(text, *found.span(), BREAK)


def _take_year_or_season(text: str, draft: Draft) -> str:
    found = None if "year" in draft.fields else _TWO_DIGITS.search(text)
    if found is None:
        return text
    if draft.series is not None and int(found.group()) <= draft.series.seasons_until:
        return _take_season(text, found, draft)
    draft.record("year", found.group(), year=full_year(found.group()))
    draft.doubt(0.9)
    return take(text, *found.span())


def _take_season(text: str, found: re.Match[str], draft: Draft) -> str:
    """Take the season of a show, and the episode after it: `HSP_15_11`."""
    draft.doubt(0.7)
    draft.record("season", found.group(), season=int(found.group()))
    text = take(text, *found.span())
    if "episode" not in draft.fields and (episode := _TWO_DIGITS.search(text, found.end())):
        draft.record("episode", episode.group(), episode=int(episode.group()))
        text = take(text, *episode.span())
    return text


def _take_buy_in(text: str, draft: Draft) -> str:
    found = None if "buy_in" in draft.fields else _AMOUNT.search(text)
    if found is None or not ("event_number" in draft.fields or spell(remaining(text)).known):
        return text
    draft.buy_in = found.group()
    draft.record("buy-in", found.group(), buy_in=int(found.group()))
    draft.doubt(0.9)
    return take(text, *found.span())
