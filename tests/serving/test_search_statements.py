"""The statements of the search: all of them compile, and PostgreSQL accepts them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from itertools import combinations, islice
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import ClauseElement, Connection, Executable, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import elements, visitors

from catalog_models.engine import make_async_engine
from orchestration.settings import Settings
from serving.search import large_results, queries
from serving.search.engine import Search
from serving.search.queries import count_and_page, first_of, presence
from serving.search.schemas import SearchQuery
from serving.search.terms import Term, terms_of, words_of
from serving.search.vocabulary import Vocabulary
from serving.titles.filters import Filters
from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers

WORDS = (
    *(
        "wsop",
        "main",
        "event",
        "day",
        "1a",
        "3",
        "2019",
        "202",
        "$10,000",
        "50k",
        "plo",
        "hold'em",
        "final table",
    ),
    *(
        "ashbrook",
        "ashbrok",
        "moller",
        "Møller",
        "mian",
        "zzyzx",
        "네그라누",
        "100%",
        "it's",
        '"',
        "\\",
        "a:b",
        "-",
        "%s",
    ),
)
FILTERS: dict[str, tuple[Any, ...]] = {
    "brand": ("WSOP", "100%", "it's"),
    "year": (2019,),
    "year_from": (1973,),
    "year_to": (2030,),
    "game": ("PLO",),
    "quality": ("hd",),
    "player": ("Ashbrook",),
    "playable": ("true", "false", "all"),
}
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def asked(seed: int) -> SearchQuery:
    """Return a search as viewers and programs send it."""
    chance = random.Random(seed)  # noqa: S311 - of tests
    words = " ".join(chance.choices(WORDS, k=chance.randint(1, 9)))
    filters = {name: chance.choice(values) for name, values in FILTERS.items() if chance.random() < 0.2}
    offset = chance.choice((0, 0, 20, 5_000))
    return SearchQuery(
        q=words, offset=offset, limit=chance.choice((0, 1, 20)), facets=chance.random() < 0.3, **filters
    )


def read(query: SearchQuery) -> list[Term]:
    return terms_of(words_of(query.q), Vocabulary(("ashbrook", "moller", "main", "event")))


def statements(seed: int) -> Iterator[Executable]:
    """Return all statements of a search."""
    query = asked(seed)
    terms = read(query)
    if terms:
        yield count_and_page(terms, query, query.limit, query.offset)
        yield presence(terms, query)
        yield first_of(list(islice(combinations(terms, max(1, len(terms) - 1)), 4)), query)


def unnamed(statement: ClauseElement) -> list[str]:
    """Return the CTEs and subqueries in a FROM clause that SQLAlchemy names after their `id()`."""
    found = visitors.iterate(statement)
    return [str(one) for one in found if isinstance(getattr(one, "name", None), elements._anonymous_label)]


def test_many_statements_compile() -> None:
    """CTEs must not be named after the `id()` of a statement, because a later statement may reuse it."""
    built = 0
    for seed in range(150):
        for statement in statements(seed):
            assert isinstance(statement, ClauseElement)
            assert str(statement.compile(dialect=DIALECT))
            assert unnamed(statement) == []
            built += 1
    assert built > 400


@pytest.mark.parametrize("build", [presence, lambda terms, filters: count_and_page(terms, filters, 20, 40)])
def test_statements_of_one_shape_are_compiled_once(build: Any) -> None:
    """SQLAlchemy looks up compiled statements by this key."""
    shapes = [
        build(terms_of(words.split(), Vocabulary()), Filters(brand=[brand]))._generate_cache_key()
        for words, brand in (("ashbrook 2019 plo", "WSOP"), ("moller 2020 nlhe", "HCL"))
    ]
    assert shapes[0] is not None
    assert shapes[0].key == shapes[1].key


@pytest.mark.parametrize("few_are_many", [False, True])
def test_postgresql_accepts_every_search(
    settings: Settings, shelf: Shelf, few_are_many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if few_are_many:
        monkeypatch.setattr(queries, "COUNTED", 2)
        monkeypatch.setattr(large_results, "_RANKED", 1)
    for year in range(2017, 2022):
        shelf.add(
            f"WSOP {year} Main Event – Day {year % 7}", content=None, year=year, players=["Ann Ashbrook"]
        )
    assert settings.database_url is not None
    seen = asyncio.run(_search(settings.database_url, range(100)))
    assert [name for statement in seen for name in unnamed(statement)] == []


async def _search(url: SecretStr, seeds: range) -> list[ClauseElement]:
    engine, seen = make_async_engine(url.get_secret_value(), pool_size=1), []

    @event.listens_for(engine.sync_engine, "before_execute")
    def note(_connection: Connection, statement: Any, *_: Any) -> None:
        seen.append(statement)

    search = Search()
    async with AsyncSession(engine) as session:
        for seed in seeds:
            query = asked(seed)
            found = await search.search(session, query)
            assert len(found.items) <= query.limit
    await engine.dispose()
    return [statement for statement in seen if isinstance(statement, ClauseElement)]
