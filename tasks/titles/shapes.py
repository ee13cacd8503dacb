"""The shapes of names: rules in order, of which the first that fits reads the name.

A shape's groups mark its parts, and `GROUPS` has the function that reads each. A new show usually needs one
shape here (see docs/titles.md). Patterns are case-insensitive and must fit the whole cleaned name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tasks.titles.draft import Draft
from tasks.titles.players import read_table
from tasks.titles.spelling import cased, person
from tasks.titles.vocabulary.events import CODES as CODES_OF_EVENTS
from tasks.titles.vocabulary.series import CODES, NAMES, WSOP, full_year, series_named
from tasks.titles.words import read_event, read_slug, read_words


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to name files. `example` is an invented name that it fits, for readers and tests."""

    name: str
    pattern: re.Pattern[str]
    example: str
    confidence: float
    content_type: str | None = None


_CODE = r"(?P<code>WSOPE|WSOP|WSE|WS)(?P<yy>\d\d)"
_YEAR_FIRST = r"(?:ESPN )?(?P<y1>(?:19|20)\d\d) (?P<s1>WSOP|World Series of Poker)"
_YEAR_LAST = r"(?P<s2>WSOPE?)[ -]+(?P<y2>(?:19|20)\d\d)"
_HEAD = rf"(?:{_CODE}|{_YEAR_FIRST}|{_YEAR_LAST})(?:[ -]+(?P<apac>APAC))?"


def _shape(
    name: str, pattern: str, example: str, confidence: float, content_type: str | None = None
) -> Shape:
    return Shape(name, re.compile(pattern, re.IGNORECASE), example, confidence, content_type)


SHAPES = (
    _shape(
        "hand-clip",
        r"Hand (?P<hand>\d+) (?P<players>.+)",
        "1217_Hand_40_Ash KcQs vs Birch KdKs_PGM",
        0.95,
        "hand_clip",
    ),
    _shape(
        "numbered-clip",
        r"(?P<clip>\d+)-(?P<s1>wsope?)-(?P<year>\d{4})-(?:be-ev-(?P<number>\d+)|(?P<me>me))-(?P<slug>.+)",
        "14-wsop-2031-be-ev-26-25k-nlh-hr-ft-ash-82-vs-birch-54-Clean",
        0.88,
        "hand_clip",
    ),
    _shape("slug", r"(?P<s1>wsope?)-(?P<year>\d{4})-(?P<slug>.+)", "wsope-2031-10k-plo-ft-004", 0.95),
    _shape(
        "clip-code",
        r"(?P<code>WP|WCLA|WV|WPLA|WSOPE|WE)(?P<yy>20\d\d|\d\d)-(?:(?P<kind>PE|EP|ET|HB|BB)-)?(?P<clip>\d+)",
        "WCLA31-PE-02",
        0.9,
        "clip",
    ),
    _shape(
        "event-clip-code", r"(?P<code>WE)(?P<yy>\d\d)-(?P<event>ME)-(?P<clip>\d+)", "WE31-ME-07", 0.88, "clip"
    ),
    _shape("recording", r"HyperDeck (?P<recording>\d+).*", "HyperDeck_0010-001", 0.8, "stream"),
    _shape(
        "gog",
        r"E(?P<episode>\d+) (?P<s1>GOG)(?P<words>(?: .*)?)",
        "E02_GOG_final_edit_20311031",
        0.95,
        "episode",
    ),
    _shape(
        "pad",
        r"(?P<s1>pad)[- ]s(?P<season>\d+)[- ]ep(?P<episode>\d+)(?P<words>.*)",
        "pad-s32-ep02-003",
        0.95,
        "episode",
    ),
    _shape("part-code", rf"{_HEAD} (?P<event>GCC)[ -]P(?P<part>\d+).*", "WSOP31_GCC_P02_NB", 0.92, "episode"),
    _shape(
        "episode-code", rf"{_HEAD}[ -]Episode[ -](?P<episode>\d+)", "WSOPE31_Episode_2_H264", 0.95, "episode"
    ),
    _shape(
        "show",
        rf"{_HEAD}(?:[ -]SEASON (?P<season>\d+))?[ -]Show[ -](?P<show>\d+)(?:[ -]+(?P<topic>.+))?",
        "2031 WSOP Show 15 ME 03_ES0400142215",
        0.95,
        "episode",
    ),
    _shape(
        "event-show",
        rf"{_HEAD}[ -]+(?P<event>[A-Z].*?)[ -]+Show[ -](?P<own>\d+)",
        "2031 World Series of Poker - Main Event Show 03 - GMPO 2075",
        0.93,
        "episode",
    ),
    _shape(
        "event-code",
        rf"{_HEAD}[ -](?:\d+[ -])?(?P<event>ME|HU|GM|NC|BO|PPC|TOC|HR)[ ]?(?P<own>\d+)(?P<words>(?:[ -].*)?)",
        "WS31_ME02_NB",
        0.95,
        "episode",
    ),
    _shape(
        "numbered-show", rf"{_HEAD}[ -](?P<show>\d{{1,2}})(?:-(?P<part>\d))?", "WSOP_2031_10", 0.93, "episode"
    ),
    _shape("year-alone", _HEAD, "WSOP_2031", 0.93, "episode"),
)


def _code(draft: Draft, value: str) -> None:
    draft.series = series = CODES.get(value.upper()) or NAMES[value.lower()]
    draft.record("series", value, brand=series.brand, region=series.region)


def _named(draft: Draft, value: str) -> None:
    draft.series = series = series_named(value) or WSOP
    draft.record("series", value, brand=series.brand, region=series.region)


def _apac(draft: Draft, value: str) -> None:
    draft.fields.pop("region", None)
    _named(draft, f"wsop {value}")


def _year(draft: Draft, value: str) -> None:
    draft.record("year", value, year=full_year(value))


def _own_number(draft: Draft, value: str) -> None:
    draft.own_number = True
    draft.record("episode", value, episode=int(value))


def _field(name: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.record(name.replace("_", "-"), value, **{name: int(value)})


def _part(draft: Draft, value: str) -> None:
    draft.when.append((0, f"Part {int(value)}"))
    draft.record("part", value, part=int(value))


def _hand(draft: Draft, value: str) -> None:
    draft.counter = f"Hand {int(value)}"
    draft.record("hand-number", value, hand_number=int(value))


def _players(draft: Draft, value: str) -> None:
    table = read_table(value)
    if table is None:
        draft.subject = cased(value)
        return
    draft.subject = " vs ".join(person(name) for name in table.players)
    hands = {"hands": table.hands} if table.hands else {}
    draft.record("players", value, players=table.players, **hands)


_KINDS = {"PE": "Player Emotion", "EP": "Player Emotion", "ET": "Etcetera"}


def _kind(draft: Draft, value: str) -> None:
    draft.counter = _KINDS.get(value.upper(), value.upper())


def _clip(draft: Draft, value: str) -> None:
    draft.number = int(value)
    if not draft.fields.get("event_number") and not draft.subject:
        draft.counter = f"{draft.counter or 'Clip'} {int(value)}"


def _recording(draft: Draft, value: str) -> None:
    draft.number = int(value)
    draft.counter = f"Recording {int(value)}"


def _event_number(draft: Draft, value: str) -> None:
    draft.record("event-number", value, event_number=int(value), event_type="bracelet")


def _event(draft: Draft, value: str) -> None:
    read_event(CODES_OF_EVENTS.get(value.upper(), value), draft)


def _topic(draft: Draft, value: str) -> None:
    """Read the topic of a show.

    In `15 ME 03` it is the Main Event, whose own count is not the broadcast's.
    """
    read_words(_OWN_COUNT.sub(_uncounted, value), draft)


def _uncounted(found: re.Match[str]) -> str:
    return CODES_OF_EVENTS.get(found[1].upper(), found[1])


_OWN_COUNT = re.compile(r"\b(ME|BIG ONE|NAT CHAMP)[ -]?\d+\b", re.IGNORECASE)

# Read in this order: the series and the year first, the words last.
GROUPS: dict[str, Callable[[Draft, str], None]] = {
    "code": _code,
    "s1": _named,
    "s2": _named,
    "apac": _apac,
    "yy": _year,
    "y1": _year,
    "y2": _year,
    "year": _year,
    "season": _field("season"),
    "episode": _field("episode"),
    "show": _field("episode"),
    "own": _own_number,
    "part": _part,
    "number": _event_number,
    "me": _event,
    "event": _event,
    "topic": _topic,
    "slug": lambda draft, value: read_slug(value, draft),
    "hand": _hand,
    "players": _players,
    "kind": _kind,
    "recording": _recording,
    "clip": _clip,
    "words": lambda draft, value: read_words(value, draft),
}


def read_shape(text: str, draft: Draft) -> Shape | None:
    """Read the name by the first shape that fits, and return that shape; None if no shape fits."""
    for shape in SHAPES:
        if found := shape.pattern.fullmatch(text):
            parts = found.groupdict()
            for group, read in GROUPS.items():
                if parts.get(group):
                    read(draft, parts[group])
            if shape.content_type:
                draft.record(shape.name, text, content_type=shape.content_type)
            return shape
    return None
