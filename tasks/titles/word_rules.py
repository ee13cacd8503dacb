"""Rules for free words: money, numbers, stage and day, season and episode. Data, tried in order, each once.

Each rule finds one part, sets the fields that it means, and the part is removed from the text (`words.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tasks.titles.cleanup import tidy
from tasks.titles.draft import Draft
from tasks.titles.money import amount_of
from tasks.titles.spelling import cased, spell
from tasks.titles.vocabulary.series import NAMES, PLACED, PLACES, Series

Found = re.Match[str]

TAKEN, BREAK = "\x01", "\x02"
"""Characters in place of a part that was read; `BREAK` where the event's words end."""


@dataclass(frozen=True, slots=True)
class WordRule:
    """A rule: `pattern` is searched case-insensitively; `read` stores the match, or returns False.

    `hints`: lower-case letters without which the pattern cannot match, to skip it quickly. `ends_event`:
    words after the match are not the event's.
    """

    name: str
    pattern: re.Pattern[str]
    read: Callable[[Draft, Found], bool | None]
    hints: tuple[str, ...] = ()
    ends_event: bool = False


def left(text: str) -> str:
    """Return what no rule has read, without the separators around it."""
    pieces = (piece.strip(_SEPARATORS) for piece in _MARKS.split(text))
    return tidy(" ".join(_LOOSE.sub(" ", piece) for piece in pieces if piece))


_SEPARATORS = " -_.,:;|()[]&+"
_MARKS = re.compile(f"[{TAKEN}{BREAK}]+")
_LOOSE = re.compile(r"\s[-–|]+(?=\s)|[\[\]()]")

_SERIES = [(re.compile(pattern.replace(" ", r"[\s-]+"), re.IGNORECASE), series) for pattern, series in NAMES]
_ANY_SERIES = "|".join(pattern.replace("(?P<", "(?:").replace(" ", r"[\s-]+") for pattern, _series in NAMES)


def series_named(text: str) -> Series | None:
    """Return the series that a text names at its beginning."""
    return next((series for pattern, series in _SERIES if pattern.fullmatch(text)), None)


def _series(draft: Draft, found: Found) -> None:
    series = series_named(found["series"])
    if series is None:
        return
    draft.series = draft.series or series
    year = found["before"] or found["after"]
    years = {"year": int(year)} if year else {}
    draft.record("series", found.group(), brand=series.brand, region=series.region, **years)


def _year(draft: Draft, found: Found) -> None:
    draft.record("year", found.group(), year=int(found.group()))


def _place(draft: Draft, found: Found) -> bool:
    if draft.series is None or (draft.series.region not in PLACED and draft.series.brand != "MPP"):
        return False
    draft.place = draft.place or next(place for place in PLACES if place.lower() == found.group().lower())
    return True


def _event_number(draft: Draft, found: Found) -> None:
    number = next(group for group in found.groups() if group)
    draft.record("event-number", found.group(), event_number=int(number))


def _nothing(draft: Draft, found: Found) -> None:
    """Remove the match without setting a field."""


def _buy_in(draft: Draft, found: Found) -> bool:
    if "buy_in" in draft.fields:
        return False
    sign = found["sign"] or ""
    amount = next(found[name] for name in ("amount", "thousands", "plain") if found[name])
    unit = found["unit"] or ("K" if found["thousands"] else "")
    draft.buy_in = f"{sign}{amount}{unit.upper()}" + (f"/{found['other']}" if found["other"] else "")
    currency = {"$": "USD", "€": "EUR"}.get(sign)
    draft.record("buy-in", found.group(), buy_in=amount_of(amount, unit), currency=currency)
    return True


_STAGES = {
    "final table": "final_table",
    "ft": "final_table",
    "final day": "final_day",
    "final four": "final_four",
    "heads up": "heads_up",
}


def _stage(draft: Draft, found: Found) -> None:
    words = re.sub(r"[\s-]+", " ", found.group().lower())
    stage = _STAGES[words]
    draft.when.append((found.start(), stage.replace("_", " ").title()))
    draft.record("stage", found.group(), stage=stage)


def _day(draft: Draft, found: Found) -> None:
    letters = re.sub(r"[^A-Za-z]", "", found["letters"] or "").upper()
    day = found["number"].lstrip("0") + letters
    draft.when.append((found.start(), f"Day {day}"))
    draft.record("day", found.group(), day=day)


_PARTS = {"session": "Session", "hour": "Hour"}


def _part(draft: Draft, found: Found) -> None:
    draft.when.append((found.start(), f"{_PARTS.get(found['word'].lower(), 'Part')} {int(found['number'])}"))
    draft.record("part", found.group(), part=int(found["number"]))


def _season(draft: Draft, found: Found) -> None:
    draft.record("season", found.group(), season=int(found[1]))


def _episode(draft: Draft, found: Found) -> None:
    draft.record("episode", found.group(), episode=int(found[1]))


def _beside(draft: Draft, found: Found) -> None:
    """Read another event of the same broadcast: it becomes a part of the title, but sets no field."""
    draft.when.append((found.start(), f"& {spell(tidy(found['event'])).text}"))


def _bonus(draft: Draft, found: Found) -> None:
    draft.subject = draft.subject or cased(found[1])


def _best_of(draft: Draft, found: Found) -> None:
    draft.plain = f"Best of {cased(left(found[1]))}".strip()
    draft.record("best-of", found.group(), content_type="best_of")


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_MONEY = r"[$€]?\d[\d,.]*[KM]?€?"
_EVENT_WORD = r"(?=[\s-]+(?:no[- ]limit|pot[- ]limit|limit|nlh|nlth|nlhm|nlhth|plo|7cs|7[- ]card|seven|stud|razz|horse|2-?7|omaha|hold|monster|mystery|shootout|gladiators|super|diamond|platinum|high|ladies|ppc|players|huc|me\b|colossus|deuce|mixed|champ|short|freezeout|tag|seniors|o8))"

RULES = (
    WordRule("beside", _p(r"&\s*(?P<event>[$€]\d.*)\Z"), _beside, ("&",)),
    WordRule("bonus", _p(r"\[?(bonus coverage)\]?"), _bonus, ("bonus",)),
    WordRule(
        "series",
        _p(
            rf"(?<![A-Za-z0-9])(?:(?P<before>(?:19|20)\d\d)[\s-]+)?(?P<series>{_ANY_SERIES})(?![A-Za-z])(?:[\s-]*(?<!\d)(?P<after>(?:19|20)\d\d)(?!\d))?"
        ),
        _series,
    ),
    WordRule("year", _p(r"(?<![\d$€,.])(?:19[7-9]\d|20[0-4]\d)(?![\d,.]*\d|[kp])"), _year, ("19", "20")),
    WordRule("place", _p(r"(?<![A-Za-z])(?:" + "|".join(PLACES) + r")(?![A-Za-z])"), _place),
    WordRule(
        "event-number",
        _p(
            r"(?:bracelet )?events?[\s-]*#?\s*(\d+)(?!\d)|\[?bracelet(?: event)? #(\d+)\]?|(?<![\w])#(\d+)(?![\w])|(?<![A-Za-z])ev-(\d+)"
        ),
        _event_number,
        ("event", "#", "ev-"),
    ),
    WordRule(
        "bracelet", _p(r"(?:bracelet )(?:side )?\s*events?|bracelet side\s+event"), _nothing, ("bracelet",)
    ),
    WordRule(
        "prize",
        _p(
            rf"\(?(?<![A-Za-z0-9]){_MONEY}\s*(?:gtd|prize|first prize|bounty\)|for 1st)\)?|(?:for|wins|won)\s+[$€][\d,]{{7,}}"
        ),
        _nothing,
        ("gtd", "prize", "bounty", "1st", "for", "win", "won"),
    ),
    WordRule(
        "blinds",
        _p(
            r"[$€][\d,.]+K?[ /]+[$€][\d,.]+K?(?=\s+(?:no|pot)[- ]?limit|\s+(?:nl|pl)|\s*\Z)|(?<=game)[\s-]+[$€][\d,.]+K?[ /]+[$€][\d,.]+K?"
        ),
        _nothing,
        ("$", "€"),
    ),
    WordRule(
        "buy-in",
        _p(
            rf"(?<![A-Za-z0-9.#])(?:(?P<sign>[$€£])\s?(?P<amount>\d[\d,.]*)(?P<unit>[KM])?(?![A-Za-z\d])(?:/?(?P<other>[$€]\d[\d,.]*[KM]?))?|(?P<thousands>\d[\d,.]*)K(?![A-Za-z])(?=[\s-]+\w)|(?P<plain>\d{{3,5}}){_EVENT_WORD})"
        ),
        _buy_in,
    ),
    WordRule(
        "final-stage",
        _p(
            r"(?<![A-Za-z0-9])(?:final(?:\s+|-)(?:table|day|four)|ft|heads[\s-]up(?![\s-]*(?:champ|no|pot|limit|nlh|plo)))(?![A-Za-z0-9])"
        ),
        _stage,
        ("final", "ft", "heads"),
        ends_event=True,
    ),
    WordRule(
        "day",
        _p(
            r"(?<![A-Za-z])day[\s-]?0*(?P<number>\d+)(?P<letters>[\s-]?[a-f]{1,4}(?![a-z0-9])(?:[\s,_]?[a-f](?![a-z0-9]))*)?(?!\d)"
        ),
        _day,
        ("day",),
        ends_event=True,
    ),
    WordRule(
        "part",
        _p(r"\(?(?<![A-Za-z])(?P<word>part|session|hour|pt)[\s.]?(?P<number>\d+)(?!\s*,\s*\d|\d)\)?"),
        _part,
        ("part", "session", "hour", "pt"),
        ends_event=True,
    ),
    WordRule(
        "season",
        _p(r"(?<![A-Za-z0-9])(?:season[\s-]?|s)(\d{1,2})(?![A-Za-z0-9])"),
        _season,
        ("s",),
        ends_event=True,
    ),
    WordRule(
        "episode",
        _p(r"(?<![A-Za-z0-9])(?:episode|show|ep|e)[\s-]?(\d{1,3})(?![A-Za-z0-9])"),
        _episode,
        ("e", "show"),
        ends_event=True,
    ),
    WordRule("best-of", _p(r"(?<![A-Za-z])best[\s-]?of(?![A-Za-z])([^\x01\x02]*)"), _best_of, ("best",)),
)
