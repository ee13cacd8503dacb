"""Lists and searches in a catalogue of 100,000 titles, compared with one of 1,000."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from benchmarks.filling import fill
from benchmarks.home import bench_home
from benchmarks.results import Result
from benchmarks.streaming import bearer, served, sign_in

FEW, MANY = 1_000, 100_000

# Each round has all requests of a mix.
_ROUNDS = 10
_LIMITS = {
    "RATE_LIMIT_PER_MINUTE": "1000000000",
    "READ_LIMIT_PER_MINUTE": "1000000000",
    "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "1440",
}
_FILTERS = (
    *(
        "brand=WSOP",
        "brand=HCL",
        "region=europe",
        "year=2024",
        "year=1979",
        "event_type=main_event",
        "game=PLO",
    ),
    *("stage=final_table", "content_type=hand_clip", "quality=4k", "playable=all", "playable=false"),
    *("brand=WSOP&year=2023&game=NLHE", "region=paradise&content_type=episode", "brand=HCL&game=PLO"),
    *("player=ashbrook", "region=europe&sort=title", "year=2024&sort=-duration", "game=PLO&sort=date"),
    *(
        "brand=WSOP&sort=title&offset=100",
        "region=europe&sort=-added",
        "brand=WSOP&playable=all&sort=duration",
    ),
)
_SORTS = ("title", "year", "date", "added", "duration")
_SEARCHES = (
    # Names.
    *("radworthton", "holfieldou", "ada ashbrook", "gus lanricker", "torvikard bluffs"),
    # With typing errors.
    *("radwothton", "holfeildou", "ashbrok ada", "lanrikcer", "mian event"),
    *(
        "2024",
        "2005",
        "main event 2025",
        "day 1a",
        "event 42",
        "50k high roller",
        "hand 77",
        "$10,000 plo 2019",
    ),
    # Beginnings of words.
    *("a", "m", "ma", "wo", "nor", "rad", "202", "main event d"),
    # In very many titles.
    *("main event", "wsop", "las vegas hand", "no limit holdem", "final table"),
    # In no title.
    *("zzyzx", "quetzal ashbrook", "2055", "main event day 99"),
)


@dataclass(frozen=True)
class Viewer:
    """One connection, and the headers that its requests send."""

    connection: HTTPConnection
    headers: dict[str, str]

    def seconds(self, path: str) -> float:
        """Return the seconds of a GET until its response is read, on an open connection."""
        if self.connection.sock is None:
            self.connection.connect()
        started = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{path}: {body.decode()}"
        return time.perf_counter() - started


def measure(_archive: Path) -> list[Result]:
    """Measure the median and the 95th percentile of each mix; the two catalogues alternate."""
    with _viewer(FEW) as few, _viewer(MANY) as many:
        taken = {name: _taken((few, mixes(FEW)[name]), (many, paths)) for name, paths in mixes(MANY).items()}
    slowest = max(_percentile(95, of_many) for name, (_few, of_many) in taken.items() if "facets" not in name)
    return [
        *(row for name, (of_few, of_many) in taken.items() for row in _rows(name, of_few, of_many)),
        Result("the slowest 95th percentile of these, without facets", slowest, None, "ms", 30),
    ]


@contextmanager
def _viewer(size: int) -> Iterator[Viewer]:
    """Yield a viewer of a server with a catalogue of `size` titles."""
    with bench_home(f"catalogue-{size}") as home:
        fill(home.transactions, size)
        with (
            served(home, **_LIMITS) as server,
            closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection,
        ):
            yield Viewer(connection, bearer(sign_in(home, server)))


def mixes(size: int) -> dict[str, list[str]]:
    """Return the paths that each mix requests from a catalogue of `size` titles."""
    years = _searches("/api/search", "year=2024")
    return {
        "`/api/contents`": _lists(size),
        "`/api/search`": [
            *_searches("/api/search"),
            *_searches("/api/search", "brand=WSOP", "offset=20"),
            *years,
        ],
        "`/api/search/suggest`": _searches("/api/search/suggest"),
        "`/api/search` with facets": _searches("/api/search", "facets=true"),
    }


def _lists(size: int) -> list[str]:
    orders = [f"sort={sign}{name}" for name in _SORTS for sign in ("", "-")]
    pages = [f"offset={offset}" for offset in (50, 500, size // 2, size - size // 5)]
    return [f"/api/contents?{query}" for query in ("", *_FILTERS, *orders, *pages)]


def _searches(path: str, *more: str) -> list[str]:
    return ["&".join((f"{path}?q={quote(words)}", *more)) for words in _SEARCHES]


Mix = tuple[Viewer, list[str]]


def _taken(*mixes: Mix) -> list[list[float]]:
    """Return the milliseconds of all requests of each mix, except for the first round, which fills caches."""
    taken: list[list[float]] = [[] for _ in mixes]
    for _ in range(1 + _ROUNDS):
        for (viewer, paths), of_mix in zip(mixes, taken, strict=True):
            # The server has closed it if the other mix took longer than its timeout.
            viewer.connection.close()
            of_mix.extend(1_000 * viewer.seconds(path) for path in paths)
    return [of_mix[len(paths) :] for (_viewer, paths), of_mix in zip(mixes, taken, strict=True)]


def _percentile(percent: int, taken: list[float]) -> float:
    return quantiles(taken, n=100)[percent - 1]


def _rows(name: str, few: list[float], many: list[float]) -> list[Result]:
    what = f"{name} at {MANY:,} titles, beside {FEW:,}"
    claim = None if "facets" in name else 3
    return [
        Result(f"{what}: median", _percentile(50, many), _percentile(50, few), "ms", None),
        Result(f"{what}: 95th percentile", _percentile(95, many), _percentile(95, few), "ms", claim),
    ]
