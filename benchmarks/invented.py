"""Invented titles, in the proportions of a real archive. Pure.

The same number is always the same title. Names are made of syllables; a few people occur often, most once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from textwrap import shorten
from typing import Any
from zlib import crc32

from catalog_models.values import TITLE_FIELDS

_FIRST = (
    *("Ada", "Ben", "Cleo", "Dov", "Edda", "Finn", "Gus", "Hana", "Ivo", "Jun", "Kai", "Lena"),
    *("Milo", "Nora", "Otis", "Pia", "Quin", "Rosa", "Sami", "Tove", "Uma", "Vito", "Wren", "Yuki"),
)
_SYLLABLES = (
    (
        "Ash",
        "Bell",
        "Carr",
        "Dun",
        "El",
        "Far",
        "Gar",
        "Hol",
        "Kel",
        "Lan",
        "Mar",
        "Nor",
        "Pem",
        "Rad",
        "Sel",
        "Tor",
    ),
    (
        "brook",
        "cott",
        "dale",
        "field",
        "gate",
        "ham",
        "land",
        "man",
        "mont",
        "over",
        "rick",
        "stone",
        "vik",
        "worth",
    ),
    ("", "", "er", "ton", "sen", "ova", "ski", "ell", "ini", "ou", "ard", "quist", "ez", "ley", "kov", "ano"),
)
_SURNAMES = sorted({"".join(name) for name in product(*_SYLLABLES)}, key=lambda name: crc32(name.encode()))

_YEARS = range(1973, 2026)
_GAMES = {
    "NLHE": "No-Limit Hold'em",
    "PLO": "Pot-Limit Omaha",
    "MIXED": "Mixed Games",
    "STUD": "Seven Card Stud",
    "2-7": "2-7 Triple Draw",
    "O8": "Omaha Hi-Lo",
    "RAZZ": "Razz",
}
_EVENTS = "Championship|High Roller|Monster Stack|Colossus|Mini Main Event|Mystery Bounty|Deepstack|6-Handed|Heads-Up|Seniors"
_PLACES = {
    "las_vegas": "WSOP",
    "paradise": "WSOP Paradise",
    "europe": "WSOP Europe",
    "circuit": "WSOP Circuit",
}
_SHOWS = {
    "PAD": "Poker After Dark",
    "HCL": "Hustler Casino Live",
    "GOG": "Game of Gold",
    "MPP": "Merit Poker Premier",
}
_SUITS = "cdhs"
_RANKS = "23456789TJQKA"


def titles(count: int) -> Iterator[dict[str, Any]]:
    """The columns of a row of `contents`, except for `series_id` and those of files.

    `series` is the title of the series.
    """
    for number in range(count):
        chance = random.Random(number)  # noqa: S311 - no secret
        made = _show(chance, number) if chance.random() < 0.12 else _event(chance, number)
        yield {
            **_NOTHING,
            **made,
            "content_key": f"invented {number}",
            "short_title": shorten(
                made["title"].partition(made["series"])[2].strip(" –"), 50, placeholder=""
            ),
            "duration_seconds": round(
                chance.lognormvariate(8 if made["content_type"] == "stream" else 6, 1), 1
            ),
            "quality": _one(chance, {"sd": 25, "hd": 65, "4k": 10}),
            "title_confidence": 0.9,
            "title_rule": "invented",
            "is_visible": chance.random() < 0.99,
            "status": _one(chance, {"ready": 85, "preparing": 15}),
        }


_NOTHING: dict[str, Any] = dict.fromkeys([*TITLE_FIELDS, "date", "description"])


def _show(chance: random.Random, number: int) -> dict[str, Any]:
    brand = _one(chance, {"PAD": 40, "HCL": 30, "GOG": 10, "MPP": 20})
    season, episode = chance.randint(1, 14), number % 400
    title = f"{_SHOWS[brand]} – Season {season} Episode {episode}"
    guests = _people(chance, 2) if chance.random() < 0.5 else None
    return {
        "brand": brand,
        "series": _SHOWS[brand],
        "year": 2004 + season,
        "season": season,
        "episode": episode,
        "title": f"{title}: {' vs '.join(guests)}" if guests else title,
        "players": guests,
        "content_type": "episode",
        "event_type": "other",
    }


def _event(chance: random.Random, number: int) -> dict[str, Any]:
    region = _one(chance, {"las_vegas": 57, "paradise": 25, "europe": 10, "circuit": 8})
    # Each year there are more recordings.
    year = chance.choices(_YEARS, [1.09**age for age in range(len(_YEARS))])[0]
    series = f"{_PLACES[region]} {year}"
    event = _main_event() if chance.random() < 0.55 else _bracelet(chance)
    part = _part(chance, number)
    return {
        "brand": "WSOP",
        "region": region,
        "year": year,
        "series": series,
        "date": f"{year}-{chance.randint(5, 12):02}-{chance.randint(1, 28):02}"
        if chance.random() < 0.4
        else None,
        **event,
        **part,
        "title": f"{series} {event['event_name']} – {part['title']}",
    }


def _main_event() -> dict[str, Any]:
    money = {"buy_in": 10_000, "currency": "USD"}
    return {"event_type": "main_event", "event_name": "Main Event", "game": "NLHE", **money}


def _bracelet(chance: random.Random) -> dict[str, Any]:
    number, buy_in = chance.randint(1, 99), chance.choice([1_500, 3_000, 5_000, 10_000, 25_000, 50_000])
    game = _one(chance, {"NLHE": 55, "PLO": 20, "MIXED": 8, "STUD": 5, "2-7": 5, "O8": 4, "RAZZ": 3})
    name = f"Event #{number} ${buy_in:,} {_GAMES[game]} {chance.choice(_EVENTS.split('|'))}"
    money = {"buy_in": buy_in, "currency": "USD"}
    return {"event_type": "bracelet", "event_number": number, "event_name": name, "game": game, **money}


def _part(chance: random.Random, number: int) -> dict[str, Any]:
    day = _one(
        chance, {"1A": 8, "1B": 8, "1C": 8, "1D": 8, "2": 12, "3": 12, "4": 12, "5": 8, "6": 6, "7": 6}
    )
    kind = _one(chance, {"hand_clip": 40, "episode": 30, "stream": 20, "clip": 9, "best_of": 1})
    if kind == "hand_clip":
        players, hand = _people(chance, 2), number % 900
        title = f"Day {day} Hand {hand}: {' vs '.join(players)}"
        cards = [_cards(chance), _cards(chance)]
        return {
            "content_type": kind,
            "day": day,
            "hand_number": hand,
            "players": players,
            "hands": cards,
            "title": title,
        }
    if kind == "episode":
        return {"content_type": kind, "episode": number % 60, "title": f"Episode {number % 60}"}
    if kind == "stream" and chance.random() < 0.3:
        return {
            "content_type": kind,
            "stage": "final_table",
            "title": f"Final Table Part {number % 9}",
            "part": number % 9,
        }
    if kind == "stream":
        return {"content_type": kind, "day": day, "title": f"Day {day} Table {number % 20}"}
    (player,) = players = _people(chance, 1)
    return {
        "content_type": kind,
        "players": players,
        "title": f"{player} {chance.choice(['bluffs', 'wins', 'folds'])} {number}",
    }


def _people(chance: random.Random, count: int) -> list[str]:
    """Return a name by Zipf's law: the hundredth is a hundredth as frequent as the first."""
    return [
        f"{chance.choice(_FIRST)} {_SURNAMES[int(len(_SURNAMES) ** chance.random()) - 1]}"
        for _ in range(count)
    ]


def _cards(chance: random.Random) -> str:
    return "".join(chance.choice(_RANKS) + chance.choice(_SUITS) for _ in range(2))


def _one(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
