"""Players: their list, their titles, and suggestions of players and series."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.search.text import chunks
from catalog_models.tables import Content, Hand, Series
from serving.search import directory
from serving.search.directory import Directory, key_of
from serving.search.names import NameIndex
from serving.search.terms import WordMatch
from tests.serving.conftest import Shelf


@pytest.fixture
def titles(shelf: Shelf) -> dict[str, uuid.UUID]:
    with Session(shelf.engine) as session:
        row = Series(title="WSOP Europe 2031", brand="WSOP", region="europe", year=2031)
        session.add(row)
        session.commit()
        series = row.id
    ids = {
        "duel": shelf.add("Duel", content=None, year=2030, players=["Ann Carver", "Bo Ødegård"]),
        "again": shelf.add("Again", content=None, year=2031, players=["Ann CARVER"], series_id=series),
        "once": shelf.add("Once", content=None, year=2029, players=["Ann Carver"]),
        "other": shelf.add("Other", content=None, players=["Mary Ann Carver", "Phil Hellmuth"]),
        "soon": shelf.add("Soon", content=None, players=["Never Shown"], status="preparing"),
        "hidden": shelf.add("Hidden", content=None, players=["Never Shown"], is_visible=False),
    }
    with Session(shelf.engine) as session:
        for title, number, best, pot, names in (
            ("duel", 1, True, 900, ["Ann Carver", "Cy Lane"]),
            ("duel", 2, False, None, ["Ann Carver"]),
            ("hidden", 1, True, 10_000, ["Ann Carver"]),
        ):
            session.add(
                Hand(
                    content_id=ids[title],
                    hand_index=number,
                    start_seconds=100 * number,
                    end_seconds=100 * number + 60,
                    is_best=best,
                    pot_size=pot,
                    players=names,
                )
            )
        session.commit()
    return ids


def names(client: httpx.Client, **asked: Any) -> list[str]:
    response = client.get("/api/players", params=asked)
    assert response.status_code == 200, response.text
    return [player["name"] for player in response.json()["items"]]


@pytest.mark.usefixtures("titles")
def test_players_are_listed_found_and_sorted(client: httpx.Client) -> None:
    everyone = ["Ann Carver", "Bo Ødegård", "Cy Lane", "Mary Ann Carver", "Phil Hellmuth"]
    assert names(client, sort="name") == everyone
    assert names(client, sort="-name") == everyone[::-1]
    assert names(client)[0] == names(client, sort="-hands")[0] == "Ann Carver"
    assert names(client, sort="titles")[0] == "Cy Lane"
    assert names(client, sort="name", limit=2, offset=1) == everyone[1:3]
    for q, found in {
        "ann": ["Ann Carver", "Mary Ann Carver"],
        "carv a": ["Ann Carver", "Mary Ann Carver"],
        "ode": ["Bo Ødegård"],
        "헬뮤": ["Phil Hellmuth"],
        "arver": [],
        "never": [],
        "%": [],
    }.items():
        assert sorted(names(client, q=q)) == found, q
    first = client.get("/api/players?limit=1").json()
    assert first["total"] == len(everyone)
    assert first["items"] == [
        {"key": "ann-carver", "name": "Ann Carver", "titles": 3, "hands": 2, "best_hands": 1}
    ]
    assert client.get("/api/players?sort=age").status_code == 422


@pytest.mark.usefixtures("titles")
def test_a_player_has_titles_and_hands(client: httpx.Client) -> None:
    answer = client.get("/api/players/ann-carver").json()
    assert [title["title"] for title in answer["items"]] == ["Again", "Duel", "Once"]
    assert (answer["total"], answer["titles"], answer["hands"], answer["best_hands"]) == (3, 3, 2, 1)
    assert (answer["largest_pot"], answer["hand_seconds"]) == (900, 120.0)
    assert (answer["name"], answer["other_names"]) == ("Ann Carver", ["Ann CARVER"])
    page = client.get("/api/players/ann-carver?limit=1&offset=1").json()
    assert [title["title"] for title in page["items"]] == ["Duel"]
    assert client.get("/api/players/ann-carver?limit=0").json()["items"] == []
    assert client.get("/api/players/Bo Ødegård").json()["key"] == "bo-odegard"
    only_hands = client.get("/api/players/cy-lane").json()
    assert (only_hands["items"], only_hands["hands"]) == ([], 1)
    for key in ("never-shown", "ann", "%00", "-", "a" * 500):
        response = client.get(f"/api/players/{key}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "PLAYER_NOT_FOUND"), key


def test_the_words_of_a_long_key_are_not_kept(client: httpx.Client, titles: dict[str, uuid.UUID]) -> None:
    kept = chunks.cache_info().currsize
    assert client.get(f"/api/players/{'a-' * 20_000}").status_code == 404
    assert chunks.cache_info().currsize == kept


@pytest.mark.usefixtures("titles")
def test_players_and_series_are_suggested(client: httpx.Client) -> None:
    def suggested(q: str, **more: Any) -> tuple[list[str], list[str]]:
        answer = client.get("/api/search/suggest", params={"q": q, **more}).json()
        players, series = answer["players"], answer["series"]
        return [one["name"] for one in players], [one["title"] for one in series]

    assert suggested("carv") == (["Ann Carver", "Mary Ann Carver"], [])
    assert suggested("ann carvre") == (["Ann Carver", "Mary Ann Carver"], []), "as the search is read"
    assert suggested("wsop eur") == ([], ["WSOP Europe 2031"])
    assert suggested("wsope 2031") == ([], ["WSOP Europe 2031"])
    assert suggested("carv", limit=1) == (["Ann Carver"], [])
    assert suggested("") == suggested("zzyzx") == ([], [])


def test_names_are_read_again_in_the_background(shelf: Shelf, database_url: str) -> None:
    content_id, now, sent = shelf.add("Duel", content=None, players=["Ann Carver"]), [0.0], []

    async def read() -> list[list[str]]:
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        found = Directory(engine, clock=lambda: now[0])
        seen = []
        async with AsyncSession(engine) as session:

            async def keys() -> list[str]:
                return sorted((await found.names(session)).by_key)

            seen += [await keys()]
            with Session(shelf.engine) as writing:
                writing.get_one(Content, content_id).players = ["Bo Lane"]
                writing.commit()
            seen += [await keys()]
            assert len(sent) == 3
            now[0] += directory.FRESH + 1
            seen += [await keys()]
            assert found._refreshing is not None
            await found._refreshing
            seen += [await keys()]
        await found.close()
        await engine.dispose()
        return seen

    assert asyncio.run(read()) == [["ann-carver"]] * 3 + [["bo-lane"]]


@hypothesis_settings(deadline=None)
@given(st.text(max_size=30))
def test_a_key_is_a_name_with_the_same_key(name: str) -> None:
    key = key_of(name)
    assert "/" not in key
    assert key_of(key.upper()) == key_of(key)


@hypothesis_settings(deadline=None)
@given(
    st.lists(st.lists(st.text("ab", min_size=1, max_size=3), max_size=3), max_size=8),
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=3), st.booleans()), min_size=1, max_size=3),
)
def test_the_index_finds_what_a_scan_finds(entries: list[list[str]], asked: list[tuple[str, bool]]) -> None:
    wanted = [[WordMatch(word, begins)] for word, begins in asked]
    expected = [
        number
        for number, words in enumerate(entries)
        if all(any(one.matches(word) for one in matches for word in words) for matches in wanted)
    ]
    assert NameIndex(enumerate(entries)).find(wanted) == expected
