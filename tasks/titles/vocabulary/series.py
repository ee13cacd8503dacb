"""The series and places that names and folders mention, from `brands.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tasks.titles.vocabulary.loading import Entry, bare, load, pattern_of


@dataclass(frozen=True, slots=False)
class Series:
    """A series as viewers know it. `label` comes before the year in titles, and `place` after the label.

    Before the year `since` the series did not exist. `places` are its stops, with their spellings. Two digits
    up to `seasons_until` are a season, which titles call `season`. With `short_games`, titles have the short
    names of games.
    """

    brand: str
    region: str | None
    label: str
    place: str | None = None
    since: int = 0
    places: tuple[tuple[str, tuple[str, ...]], ...] = ()
    seasons_until: int = 0
    short_games: bool = False
    season: str = "Season"

    @cached_property
    def place_pattern(self) -> re.Pattern[str] | None:
        """Return the pattern of the stops: their names, spellings and codes."""
        spellings = [spelling for name, others in self.places for spelling in (name, *others)]
        if not spellings:
            return None
        longest = sorted(spellings, key=len, reverse=True)
        return re.compile(
            rf"(?<![A-Za-z0-9])(?:{'|'.join(pattern_of(spelling) for spelling in longest)})(?![A-Za-z])(?!\d{{3}})",
            re.IGNORECASE,
        )

    @cached_property
    def _stops(self) -> dict[str, str]:
        stops: dict[str, str] = {}
        for name, others in self.places:
            for spelling in (name, *others):
                stops.setdefault(bare(spelling), name)
        return stops

    def stop(self, text: str) -> str:
        """Return the name of the stop that `place_pattern` found."""
        return self._stops[bare(text)]


_KEYS = (
    "brand", "region", "title", "name", "korean", "place", "spellings", "codes", "places", "since", "season", "seasons_until", "games",
)  # fmt: skip
_OTHER_NAMES = ("Other", "기타")
_REGIONS = ("las_vegas", "europe", "paradise", "apac", "circuit", "super_circuit")
_BRAND = re.compile(r"[A-Z][A-Z0-9_]*")


def read_series(file: Entry) -> tuple[list[Series], dict[str, Series], dict[str, Series]]:
    """Return the series of a file, in its order, and which one each name and each code means."""
    every: list[Series] = []
    names: dict[str, Series] = {}
    codes: dict[str, Series] = {}
    written: list[tuple[str, Entry, Series]] = []
    file.check_keys("series")
    for entry in file.entries("series", "title"):
        series = _series(entry)
        every.append(series)
        own = () if series.place else (series.label,)
        for spelling in own:
            names.setdefault(bare(spelling), series)
        written += [(spelling, entry, series) for spelling in entry.texts("spellings")]
        for code in entry.texts("codes"):
            if codes.setdefault(code.upper(), series) is not series:
                raise entry.error(f"has the code {code!r}, which another series has, too")
    for spelling, entry, series in written:
        if names.setdefault(bare(spelling), series) is not series:
            raise entry.error(f"has the spelling {spelling!r}, which another series has, too")
    return every, names, codes


def _series(entry: Entry) -> Series:
    entry.check_keys(*_KEYS)
    brand, region, games = entry.text("brand"), entry.optional("region"), entry.optional("games")
    if not _BRAND.fullmatch(brand):
        raise entry.error(f"brand = {brand!r}: capitals, digits and underscores are wanted")
    if region is not None and (brand != "WSOP" or region not in _REGIONS):
        raise entry.error(f"region = {region!r}: the WSOP alone has regions, {', '.join(_REGIONS)}")
    if games not in (None, "short"):
        raise entry.error(f'games = {games!r}: only "short" is possible')
    return Series(
        brand,
        region,
        entry.text("title"),
        entry.optional("place"),
        entry.number("since"),
        tuple(entry.lists("places").items()),
        entry.number("seasons_until"),
        games == "short",
        entry.text("season", "Season"),
    )


_FILE = load("brands.toml")
EVERY, NAMES, CODES = read_series(_FILE)
"""The series by name, and by the letters before a year: `WS11`, `WSOPE08`, `WCLA24`."""


def _wsop(region: str | None) -> Series:
    return next(series for series in EVERY if series.brand == "WSOP" and series.region == region)


OTHER = Series("OTHER", None, "")
WSOP, SOMEWHERE = _wsop("las_vegas"), _wsop(None)

BRANDS = (*dict.fromkeys(series.brand for series in EVERY), OTHER.brand)
"""The values of the field `brand`."""

BRAND_TITLES = {series.brand: series.label for series in reversed(EVERY)}
"""The name of each brand in titles."""


def _full_names(file: Entry) -> dict[str, tuple[str, str]]:
    names = {OTHER.brand: _OTHER_NAMES}
    for entry in reversed(file.entries("series", "title")):
        title = entry.text("title")
        names[entry.text("brand")] = (entry.text("name", title), entry.text("korean", title))
    return {brand: names[brand] for brand in BRANDS}


BRAND_NAMES = _full_names(_FILE)
"""The full names of each brand in English and Korean."""

_SPELLINGS = sorted(
    {
        spelling
        for entry in _FILE.entries("series", "title")
        for spelling in (
            *(() if entry.optional("place") else (entry.text("title"),)),
            *entry.texts("spellings"),
        )
    },
    key=len,
    reverse=True,
)
NAMED = "|".join(
    pattern_of(spelling) + (r"(?!\d)" if spelling[-2:-1] == " " else "") for spelling in _SPELLINGS
)
"""A regular expression of all names, the longer ones first."""

CODED = "|".join(sorted(CODES, key=len, reverse=True))
"""A regular expression of all codes, the longer ones first."""

# The number of other shows before the Main Event's episodes, in years whose masters count all shows: `ME25`
# of 2009 is show 31, and `ME31` of 2010 is show 31.
SHOWS_BEFORE_MAIN_EVENT = {2009: 6, 2010: 0, 2011: 6}


def series_named(text: str) -> Series | None:
    """Return the series that a text names, or None."""
    return NAMES.get(bare(text))


def full_year(digits: str) -> int:
    """Return the year of two or four digits; there was no tournament before 1970."""
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= 70 else 2000)
