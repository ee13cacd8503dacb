"""Facets: the distribution of found titles over the values of their fields."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers


def facets(client: httpx.Client, q: str, **more: Any) -> dict[str, dict[Any, int]]:
    """Return the facets that are not empty, by value, in order."""
    answer = client.get("/api/search", params={"q": q, "facets": "true", **more}).json()
    return {
        name: {facet["value"]: facet["count"] for facet in values}
        for name, values in answer["facets"].items()
        if values
    }


@pytest.fixture
def titles(shelf: Shelf) -> None:
    for number, (brand, year, game) in enumerate(
        [("PAD", 2030, None), ("WSOP", 2031, "PLO"), ("WSOP", 2031, "NLHE"), ("WSOP", 2032, "NLHE")]
    ):
        shelf.add(f"Ashbrook {number}", content=None, brand=brand, year=year, game=game)
    shelf.add("Ashbrook in the making", content=None, brand="HCL", status="preparing")
    shelf.add("Wexley", content=None, brand="GOG")


@pytest.mark.usefixtures("titles")
def test_facets_count_all_found_titles_by_frequency(client: httpx.Client) -> None:
    expected: dict[str, dict[Any, int]] = {
        "brand": {"WSOP": 3, "PAD": 1},
        "year": {2031: 2, 2030: 1, 2032: 1},
        "game": {"NLHE": 2, "PLO": 1},
    }
    for page in ({}, {"limit": 1}, {"limit": 0}, {"limit": 1, "offset": 3}):
        counted = facets(client, "ashbrook", **page)
        assert counted == expected
        assert list(counted["year"]) == [2031, 2030, 2032]
    assert facets(client, "ashborok zzyzx") == expected, "of the search as it was read"
    assert facets(client, "ashbrook", playable="false") == {"brand": {"HCL": 1}}
    assert facets(client, "nobody") == facets(client, "") == {}


@pytest.mark.usefixtures("titles")
def test_a_filter_does_not_apply_to_its_own_facet(client: httpx.Client) -> None:
    assert facets(client, "ashbrook", year=2031) == {
        "brand": {"WSOP": 2},
        "year": {2031: 2, 2030: 1, 2032: 1},
        "game": {"NLHE": 1, "PLO": 1},
    }
    assert facets(client, "ashbrook", year=2031, game="NLHE") == {
        "brand": {"WSOP": 1},
        "year": {2031: 1, 2032: 1},
        "game": {"NLHE": 1, "PLO": 1},
    }


def test_a_field_has_fifty_values_at_most(client: httpx.Client, shelf: Shelf) -> None:
    for number in range(52):
        shelf.add("Ashbrook", content=None, year=1960 + number)
    shelf.add("Ashbrook", content=None, year=2011)
    years = facets(client, "ashbrook")["year"]
    assert len(years) == 50
    assert next(iter(years.items())) == (2011, 2)


@pytest.mark.usefixtures("titles")
def test_facets_are_counted_only_on_request(client: httpx.Client) -> None:
    assert client.get("/api/search?q=ashbrook").json()["facets"] is None
    assert "facets" not in client.get("/api/search/suggest?q=ashbrook").json()
    assert client.get("/api/search?q=a&facets=brand").status_code == 422
