"""Series and places: what a name or a folder says about the series."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Series:
    """A series as viewers know it. `label` comes before the year in titles, and `place` after the label.

    There was none

    before the year `since`."""

    brand: str
    region: str | None
    label: str
    place: str | None = None
    since: int = 0


WSOP = Series("WSOP", "las_vegas", "WSOP")
EUROPE = Series("WSOP", "europe", "WSOP Europe")
PARADISE = Series("WSOP", "paradise", "WSOP Paradise", since=2023)
APAC = Series("WSOP", "apac", "WSOP APAC")
CIRCUIT = Series("WSOP", "circuit", "WSOP Circuit")
LOS_ANGELES = Series("WSOP", "circuit", "WSOP Circuit", "Los Angeles")
SUPER_CIRCUIT = Series("WSOP", "super_circuit", "WSOP Super Circuit")
SOMEWHERE = Series("WSOP", None, "WSOP")
MERIT = Series("MPP", None, "MPP")
AFTER_DARK = Series("PAD", None, "Poker After Dark")
GAME_OF_GOLD = Series("GOG", None, "Game of Gold")
GGMILLIONS = Series("GGMILLIONS", None, "GGMillions")
HUSTLER = Series("HCL", None, "Hustler Casino Live")
OTHER = Series("OTHER", None, "")

# The first match wins, so longer names come first. A space also matches hyphens.
NAMES: tuple[tuple[str, Series], ...] = (
    (r"wsop (?:international )?super cir?cuit|super cir?cuit", SUPER_CIRCUIT),
    (r"wsop (?:c(?:ircuit)? (?:la|los angeles))", LOS_ANGELES),
    (r"wsop (?:c|circuit)(?: event)?", CIRCUIT),
    (r"wsop(?: )?e(?:urope)?", EUROPE),
    (r"wsop paradise", PARADISE),
    (r"wsop apac|wsop asia pacific", APAC),
    (r"wsop las vegas|wsop|world series of poker", WSOP),
    (r"mpp|merit poker(?: premier)?", MERIT),
    (r"pad|poker after dark", AFTER_DARK),
    (r"gog|game of gold", GAME_OF_GOLD),
    (r"hcl|hustler casino live", HUSTLER),
    (r"ggmillions", GGMILLIONS),
)

# Letters before a year of two digits: `WS11`, `WSOPE08`, `WCLA24`.
CODES: dict[str, Series] = {
    "WSOP": WSOP,
    "WS": WSOP,
    "WV": WSOP,
    "WSOPE": EUROPE,
    "WSE": EUROPE,
    "WE": EUROPE,
    "WP": PARADISE,
    "WCLA": LOS_ANGELES,
    "WPLA": SOMEWHERE,
}

PLACES = ("Los Angeles", "London", "Cyprus", "Las Vegas", "Rozvadov", "Brazil", "Uruguay", "Canada")
"""Places of circuit and MPP stops, which titles name after the series."""

PLACED = frozenset(["circuit", "super_circuit"])
"""The regions whose titles name the place."""

# The number of other shows before the Main Event's episodes, in years whose masters count all shows: `ME25`
# of 2009 is show 31, and `ME31` of 2010 is show 31.
SHOWS_BEFORE_MAIN_EVENT = {2009: 6, 2010: 0, 2011: 6}
