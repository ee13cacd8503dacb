"""The codes of the API and their names."""

from __future__ import annotations

import httpx
import pytest

from catalog_models.search import vocabulary as words
from catalog_models.values import FIELD_VALUES, REASON_PARTS, Playability, RenditionState, WatchState
from serving.flat_catalog import names
from serving.flat_catalog.home_rows import ROW_NAMES
from tasks.titles import BRANDS
from tasks.titles.vocabulary.events import WORDS

pytestmark = pytest.mark.shared_servers


def test_every_code_has_names(client: httpx.Client) -> None:
    answer = client.get("/api/vocabulary").json()
    codes = {name: [one["code"] for one in values] for name, values in answer.items()}
    for name, values in {
        "brands": BRANDS,
        "regions": FIELD_VALUES["region"],
        "event_types": FIELD_VALUES["event_type"],
        "stages": FIELD_VALUES["stage"],
        "content_types": FIELD_VALUES["content_type"],
        "games": words.GAMES,
        "watched": WatchState,
        "verdicts": Playability,
        "reasons": REASON_PARTS,
        "renditions": RenditionState,
        "rows": ROW_NAMES,
    }.items():
        assert codes[name] == list(values), name
    assert {word.game for word in WORDS} - {None} <= set(codes["games"])
    assert set(codes["events"]) <= {word.official for word in WORDS}
    assert {one["code"]: one["en"] for one in answer["rows"]} == ROW_NAMES
    for values in answer.values():
        assert all(one["en"].strip() and one["ko"].strip() for one in values)


def test_korean_names_are_korean() -> None:
    for known in (names.BRANDS, names.EVENTS, names.GAMES, names.STAGES, names.REASONS, names.ROWS):
        for _, korean in known.values():
            assert any("가" <= letter <= "힣" for letter in korean), korean


def test_the_vocabulary_is_cached_by_clients(client: httpx.Client, anonymous: httpx.Client) -> None:
    first = client.get("/api/vocabulary")
    assert first.headers["cache-control"] == "private, max-age=3600"
    again = client.get("/api/vocabulary", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/vocabulary", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/api/vocabulary", headers={"If-Match": '"other"'}).status_code == 412
    assert client.head("/api/vocabulary").headers["etag"] == first.headers["etag"]
    assert anonymous.get("/api/vocabulary").status_code == 401
