"""The preferences of a viewer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import UserPreferences
from orchestration.settings import Settings
from tests.serving.conftest import Shelf, sign_in, signed_in
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers

URL = "/api/users/me/preferences"
DEFAULTS = {
    "language": "auto",
    "theme": "dark",
    "hand_skip": False,
    "best_hands": False,
    "speed": 1.0,
    "volume": 1.0,
    "previews": True,
    "captions": False,
    "letter_keys": True,
    "filters": [],
}


def change(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.patch(URL, json=changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert client.get(URL).json() == found
    return found


def test_preferences_are_kept_for_each_viewer(
    client: httpx.Client, anonymous: httpx.Client, settings: Settings
) -> None:
    assert client.get(URL).json() == change(client) == DEFAULTS
    filters = [{"name": "결승전", "query": "stage=final_table"}]
    assert change(client, language="ko", filters=filters) == DEFAULTS | {"language": "ko", "filters": filters}
    assert change(client, speed=1.5, theme="system")["language"] == "ko"
    assert change(client, speed=None, filters=[], theme="light") == DEFAULTS | {
        "language": "ko",
        "theme": "light",
    }
    assert change(client, language=None, theme=None) == DEFAULTS
    with signed_in(anonymous, sign_in(settings)) as other:
        assert change(other, volume=0) == DEFAULTS | {"volume": 0}
    assert client.get(URL).json() == DEFAULTS


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"language": "de"},
        {"theme": "DARK"},
        {"speed": 0.2},
        {"speed": 2.1},
        {"speed": "1"},
        {"speed": True},
        {"volume": -0.1},
        {"hand_skip": 1},
        {"captions": "true"},
        {"filters": {}},
        {"filters": [{"name": "", "query": ""}]},
        {"filters": [{"name": "x" * 61, "query": ""}]},
        {"filters": [{"name": "x", "query": "y" * 1_001}]},
        {"filters": [{"name": "x\0", "query": ""}]},
        {"filters": [{"name": "x", "query": "", "more": 1}]},
        {"filters": [{"name": "x", "query": ""}] * 2},
        {"filters": [{"name": str(number), "query": ""} for number in range(21)]},
        [],
        None,
    ],
)
def test_invalid_preferences_are_refused(client: httpx.Client, changes: Any) -> None:
    assert code_of(client.patch(URL, json=changes)) == (422, "REQUEST_INVALID")
    assert client.get(URL).json() == DEFAULTS


def test_the_largest_preferences_are_accepted(client: httpx.Client) -> None:
    filters = [{"name": f"{number:02}" + "결" * 58, "query": "승" * 1_000} for number in range(20)]
    assert change(client, filters=filters)["filters"] == filters


def test_devices_that_change_different_preferences_at_once_both_succeed(client: httpx.Client) -> None:
    changes = [{"speed": 1.5}, {"volume": 0.5}, {"theme": "light"}, {"captions": True}] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda change: client.patch(URL, json=change), changes))
    assert {answer.status_code for answer in answers} == {200}
    expected = {"speed": 1.5, "volume": 0.5, "theme": "light", "captions": True}
    assert client.get(URL).json() == DEFAULTS | expected


def test_preferences_of_another_version_are_ignored_if_invalid(
    anonymous: httpx.Client, settings: Settings, shelf: Shelf
) -> None:
    person = sign_in(settings)
    with Session(shelf.engine) as session:
        chosen = {"theme": "sepia", "speed": 1.5, "colour": "red", "filters": [{"name": 1}]}
        session.add(UserPreferences(user_id=person.user_id, chosen=chosen))
        session.commit()
    assert anonymous.get(URL, headers=person.headers).json() == DEFAULTS | {"speed": 1.5}
