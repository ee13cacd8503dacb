"""The rules for words and codes: series, money, numbers, stage and day, season and episode.

They are data, tried in order. Each finds one thing and records its fields; its match is then removed from
the text (`words.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tasks.titles.cleanup import tidy
from tasks.titles.draft import Draft, Fields
from tasks.titles.money import amount_of
from tasks.titles.patterns import END, START, Found, SmallPattern, count, numbered
from tasks.titles.remaining_text import remaining
from tasks.titles.spelling import cased, spell, take_event
from tasks.titles.vocabulary.counting import ALL_STAGES, DAY, EPISODE, EVENT, PART, PART_TITLES, SEASON
from tasks.titles.vocabulary.events import CODES as EVENT_CODES
from tasks.titles.vocabulary.series import CODED, CODES, NAMED, full_year, series_named


@dataclass(frozen=True, slots=True)
class WordRule:
    """A pattern, and the function that records what it finds.

    The `pattern` is searched in lower case. `read` records fields, or returns False to decline. A pattern
    cannot match without one of the `hints`; if it `counts`, it needs a digit. Words after a match of a rule
    that `ends_event` do not belong to the event. A rule that `repeats` is applied while it matches.
    """

    name: str
    pattern: SmallPattern
    read: Callable[[Draft, Found], bool | None]
    hints: tuple[str, ...] = ()
    ends_event: bool = False
    repeats: bool = False
    counts: bool = False


def _series(draft: Draft, found: Found) -> bool:
    digits = found["coded"] or found["glued"] or ""
    series = CODES[found["code"].upper()] if found["code"] else series_named(found["series"])
    if series is None:
        return False
    said = draft.series
    if said is not None and series.brand != said.brand:
        return False
    if said is None or (series.place and not said.place):
        draft.series = series
    fields: Fields = {"brand": series.brand, "region": series.region}
    year = found["before"] or found["after"]
    if year:
        fields["year"] = int(year)
    elif 0 < len(digits) <= 2 and int(digits) <= series.seasons_until:
        fields["season"] = int(digits)
    elif len(digits) > 1:
        fields["year"] = full_year(digits)
    draft.record("series", written(draft, found), **fields)
    return True


def _year(draft: Draft, found: Found) -> None:
    draft.record("year", written(draft, found), year=full_year(found["year"]))


def _event_number(draft: Draft, found: Found) -> None:
    number = next(group for group in found.groups() if group)
    draft.record("event-number", written(draft, found), event_number=int(number))


def _nothing(draft: Draft, found: Found) -> None:
    """Record nothing: the text says nothing about the programme."""


def _buy_in(draft: Draft, found: Found) -> bool:
    if "buy_in" in draft.fields:
        return False
    if found["cash"]:
        _korean_buy_in(draft, found)
        return True
    sign = found["sign"] or ""
    amount = next(found[name] for name in ("amount", "thousands", "plain") if found[name])
    if found["thousands"] and draft.series is None and not _GOES_ON.match(found.string, found.end()):
        # At the end of a name without a series, the amount is a prize.
        return False
    unit = found["unit"] or ("K" if found["thousands"] else "")
    draft.buy_in = f"{sign}{amount}{unit.upper()}" + (f"/{found['other']}" if found["other"] else "")
    currency = {"$": "USD", "€": "EUR"}.get(sign)
    draft.record("buy-in", written(draft, found), buy_in=amount_of(amount, unit), currency=currency)
    return True


def _korean_buy_in(draft: Draft, found: Found) -> None:
    """Record an amount such as `5만 유로` or `1500달러`."""
    sign, currency = ("$", "USD") if found["cash"] == "달러" else ("€", "EUR")
    amount = int(found["won"].replace(",", "")) * (10_000 if found["man"] else 1)
    draft.buy_in = f"{sign}{amount // 1000}K" if found["man"] else f"{sign}{amount:,}"
    draft.record("buy-in", written(draft, found), buy_in=amount, currency=currency)


_GOES_ON = re.compile(r"[\s-]+\w")
_STAGES = [(re.compile(stage.pattern, re.IGNORECASE), stage) for stage in ALL_STAGES]
_STAGE_CODES = {code.upper(): stage for stage in ALL_STAGES for code in stage.codes}
_GOES = re.compile(r"\b(?:go|goes|went|going)\s+\Z")
_RANKS = {"stage": 0, "day": 1, "part": 2}


def _when(draft: Draft, found: Found, kind: str, words: str) -> None:
    """Add the words of a stage, a day or a part. Among codes, their order has no meaning."""
    draft.when.append((_RANKS[kind] if draft.coded else found.start(), words))


def _stage(draft: Draft, found: Found) -> bool:
    if "stage" in draft.fields:
        # A second code is removed from the text, but not recorded.
        return draft.coded
    if _GOES.search(found.string, 0, found.start()):
        # `Ann Ash goes heads up` describes an action, not the stage.
        return False
    stage = _STAGE_CODES.get(found.group().upper()) or next(
        stage for pattern, stage in _STAGES if pattern.fullmatch(found.group())
    )
    _when(draft, found, "stage", stage.value.replace("_", " ").title())
    draft.record("stage", written(draft, found), stage=stage.value)
    return True


def _day(draft: Draft, found: Found) -> None:
    marked = found["letters"] or found["coded_letters"] or found["behind_letters"] or ""
    letters = re.sub(r"[^A-Za-z]", "", marked).upper()
    day = (count(found).lstrip("0") or "0") + letters
    _when(draft, found, "day", f"Day {day}")
    draft.record("day", written(draft, found), day=day)


def _part(draft: Draft, found: Found) -> None:
    number = int(count(found))
    _when(draft, found, "part", f"{PART_TITLES.get((found['word'] or '').lower(), 'Part')} {number}")
    draft.record("part", written(draft, found), part=number)


def _season(draft: Draft, found: Found) -> None:
    roman = found["roman"]
    draft.record(
        "season", written(draft, found), season=_ROMAN[roman.upper()] if roman else int(count(found))
    )


_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_ROMAN = {
    ten + one: 10 * tens + ones
    for tens, ten in enumerate(("", "X", "XX", "XXX"))
    for ones, one in enumerate(_ONES)
}
del _ROMAN[""]


def _season_episode(draft: Draft, found: Found) -> None:
    season = next(found[name] for name in ("season", "times") if found[name])
    episode = int(found["episode"] or found["of_times"])
    season = {"year": int(season)} if len(season) == 4 else {"season": int(season)}
    draft.record("episode", written(draft, found), **season, episode=episode)


def _episode(draft: Draft, found: Found) -> None:
    draft.record("episode", written(draft, found), episode=int(count(found)))


def _own_episode(draft: Draft, found: Found) -> None:
    """Record an event and the number of its own show: `ME07`."""
    draft.own_number = True
    draft.record("episode", written(draft, found), episode=int(found["own"]))
    take_event(spell(EVENT_CODES[found["code"].upper()]), found["code"].upper(), draft)


def _hand(draft: Draft, found: Found) -> bool:
    if not draft.coded:
        return False
    draft.counter = f"Hand {int(found[1])}"
    draft.record("hand-number", written(draft, found), hand_number=int(found[1]))
    return True


def _beside(draft: Draft, found: Found) -> None:
    """Add another event of the same broadcast to the title, but not to the fields."""
    draft.when.append((found.start(), f"& {spell(tidy(written(draft, found, 'event'))).text}"))


def _bonus(draft: Draft, found: Found) -> None:
    draft.subject = draft.subject or cased(written(draft, found, 1))


def _best_of(draft: Draft, found: Found) -> None:
    draft.plain = f"Best of {cased(remaining(written(draft, found, 1)))}".strip()
    draft.record("best-of", written(draft, found), content_type="best_of")


def written(draft: Draft, found: Found, group: int | str = 0) -> str:
    """Return a group with the capitals of the name."""
    start, end = found.span(group)
    return draft.source[start:end]


_MONEY = r"[$€]?\d[\d,.]*[KM]?€?"
_EVENT_WORD = r"(?=[\s-]+(?:no[- ]limit|pot[- ]limit|limit|nlh|nlth|nlhm|nlhth|plo|7cs|7[- ]card|seven|stud|razz|horse|2-?7|omaha|hold|monster|mystery|shootout|gladiators|super|diamond|platinum|high|ladies|ppc|players|huc|me\b|colossus|deuce|mixed|champ|short|freezeout|tag|seniors|o8|main))"
# Behind `heads up`, these words are an event: the Heads-Up Championship.
_NO_EVENT = r"(?![\s-]*(?:poker champ|champ|no|pot|limit|nlh|plo|챔피언))"
_OF = r"(?:[\s-]of[\s-]\d+)?"
_DAYS = r"[\s-]?[a-f]{1,4}(?![a-z0-9])(?:[\s,_]?[a-f](?![a-z0-9]))*"


RULES = (
    WordRule("beside", SmallPattern(r"&\s*(?P<event>[$€]\d.*)\Z"), _beside, ("&",)),
    WordRule("bonus", SmallPattern(r"\[?(bonus coverage)\]?"), _bonus, ("bonus",)),
    WordRule(
        "series",
        SmallPattern(
            rf"{START}(?:(?P<before>(?:19|20)\d\d)년?[\s-]*)?(?:(?P<code>{CODED})(?P<coded>(?:19|20)?\d\d)(?!\d)"
            rf"|(?P<series>{NAMED})(?:(?P<glued>(?:19|20)\d\d|\d{{1,2}})(?!\d)(?=[A-Z]{{2,4}}(?![A-Za-z])|[^A-Za-z]|\Z)|(?![A-Za-z0-9])))"
            r"(?:[\s-]*(?<!\d)(?P<after>(?:19|20)\d\d)(?!\d)(?:[-/]\d\d(?= season))?)?"
        ),
        _series,
        repeats=True,
    ),
    WordRule(
        "year",
        SmallPattern(
            r"(?<![\d$€,.])(?<![A-Za-z])(?P<year>19[7-9]\d|20\d\d|(?<= ')\d\d(?=\s))(?:[-/]\d\d(?= season))?년?(?![\d,.]*\d|[kpx])"
        ),
        _year,
        ("19", "20", " '"),
        counts=True,
    ),
    WordRule(
        "event-number",
        SmallPattern(
            rf"(?<![A-Za-z])(?:(?:(?<!main )(?<!main-)(?<!main\.)(?<!메인)(?<!메인 )(?:{EVENT.before})[\s-]*#?|(?:{EVENT.before})[\s-]*#):?\s*(\d+)(?!\d|[km](?![a-z]))"
            rf"(?![a-f]*\s?(?:{DAY.behind}|{PART.behind}|{EPISODE.behind}))|\[?bracelet(?: event)? #(\d+)\]?|(?<![\w])#(\d+)(?![\w])"
            rf"|(?:{EVENT.letters})[\s.#-]?0*(\d+){END}|{START}(\d+)\s?(?:{EVENT.behind}))"
        ),
        _event_number,
        ("event", "#", "ev", "be", "이벤트"),
        counts=True,
    ),
    WordRule(
        "bracelet",
        SmallPattern(r"(?:bracelet )(?:side )?\s*events?|bracelet side\s+event"),
        _nothing,
        ("bracelet",),
    ),
    WordRule(
        "prize",
        SmallPattern(
            rf"\(?(?<![A-Za-z0-9]){_MONEY}\s*(?:gtd|prize|first prize|bounty\)|for 1st)\)?|(?:for|wins|won)\s+[$€][\d,]{{7,}}"
        ),
        _nothing,
        ("gtd", "prize", "bounty", "1st", "for", "win", "won"),
        counts=True,
    ),
    WordRule(
        "blinds",
        SmallPattern(
            r"[$€][\d,.]+K?[ /]+[$€][\d,.]+K?(?=\s+(?:no|pot)[- ]?limit|\s+(?:nl|pl)|\s*\Z)|(?<=game)[\s-]+[$€][\d,.]+K?[ /]+[$€][\d,.]+K?"
        ),
        _nothing,
        ("$", "€"),
        counts=True,
    ),
    WordRule(
        "buy-in",
        SmallPattern(
            rf"(?<![A-Za-z0-9.#])(?:(?P<sign>[$€£])\s?(?P<amount>\d[\d,.]*)(?P<unit>[KM])?(?![A-Za-z\d])(?:/?(?P<other>[$€]\d[\d,.]*[KM]?))?|(?P<thousands>\d[\d,.]*)K(?![A-Za-z0-9])|(?P<plain>\d{{3,5}}){_EVENT_WORD})|(?P<won>\d[\d,]*)(?P<man>만)?\s?(?P<cash>달러|유로)"
        ),
        _buy_in,
        counts=True,
    ),
    WordRule(
        "own-episode",
        SmallPattern(
            rf"{START}(?P<code>{'|'.join(sorted(EVENT_CODES, key=len, reverse=True))})0*(?P<own>\d{{1,2}}){END}"
        ),
        _own_episode,
        counts=True,
    ),
    WordRule(
        "season-episode",
        SmallPattern(
            rf"{START}S(?P<season>\d{{1,2}}|20\d\d)[\s._-]?EP?[\s.]?0*(?P<episode>\d{{1,4}}){END}"
            rf"|{START}0*(?P<times>\d{{1,2}})x(?P<of_times>\d\d){END}"
        ),
        _season_episode,
        ("s", "x"),
        ends_event=True,
        counts=True,
    ),
    WordRule(
        "final-stage",
        SmallPattern(
            rf"{START}(?:(?:{'|'.join(stage.pattern for stage in ALL_STAGES)}){END}{_NO_EVENT}|(?:{'|'.join(_STAGE_CODES)}){END})"
        ),
        _stage,
        ("final", "ft", "heads", "fd", "hu", "f4", "결승", "파이널", "헤", "최종일"),
        repeats=True,
        ends_event=True,
    ),
    WordRule(
        "day",
        SmallPattern(rf"{numbered(DAY, r'[0-9]+', _DAYS)}{_OF}"),
        _day,
        ("d", "데이", "일차"),
        ends_event=True,
        counts=True,
    ),
    WordRule(
        "part",
        SmallPattern(rf"\(?{numbered(PART, r'[0-9]+(?!,)')}{_OF}(?!\s*,\s*\d)\)?"),
        _part,
        ("p", "session", "hour", "부"),
        ends_event=True,
        counts=True,
    ),
    WordRule(
        "season",
        SmallPattern(
            rf"{numbered(SEASON, r'[0-9]{1,2}')}|{START}(?:{SEASON.before})\s(?P<roman>X{{0,3}}(?:IX|IV|V?I{{0,3}}))(?<=[XVI]){END}"
        ),
        _season,
        ("s", "시즌"),
        ends_event=True,
    ),
    WordRule(
        "episode",
        SmallPattern(numbered(EPISODE, r"[0-9]{1,4}")),
        _episode,
        ("e", "show", "회", "화"),
        ends_event=True,
        counts=True,
    ),
    WordRule(
        "hand",
        SmallPattern(rf"{START}(?:hand[\s-]|h)(\d{{1,3}}){END}"),
        _hand,
        ("h",),
        ends_event=True,
        counts=True,
    ),
    WordRule(
        "best-of", SmallPattern(r"(?<![A-Za-z])best[\s-]?of(?![A-Za-z])([^\x01\x02]*)"), _best_of, ("best",)
    ),
)
