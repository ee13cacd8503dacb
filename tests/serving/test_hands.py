"""Bulk import of hands: all rows are stored or none, and each invalid row is named."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from catalog_models.tables import AuditEntry, Hand
from orchestration.settings import Settings
from serving.admin.hands import routes as hands_route
from serving.admin.hands.rows import HandsInvalidError, check, read_csv, read_json
from tests.serving.conftest import Shelf, sign_in
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers

HAND = {"hand_index": 1, "start_seconds": 10, "end_seconds": 20.5, "is_best": True, "players": ["Ann", "Bo"]}


def send(client: httpx.Client, content_id: Any, rows: Any, **options: Any) -> httpx.Response:
    return client.post(f"/api/admin/contents/{content_id}/hands", json=rows, **options)


def stored(engine: Engine) -> list[tuple[int, float, float]]:
    columns = select(Hand.hand_index, Hand.start_seconds, Hand.end_seconds).order_by(Hand.hand_index)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(columns)]


def test_hands_are_stored_replaced_and_audited(admin: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(duration_seconds=60.0)
    assert send(
        admin, content_id, [HAND, HAND | {"hand_index": 2, "start_seconds": 30, "end_seconds": 40}]
    ).json() == {"stored": 2}
    send(admin, content_id, {"hands": [HAND | {"end_seconds": 15}]})
    assert stored(shelf.engine) == [(1, 10.0, 15.0), (2, 30.0, 40.0)]
    send(admin, content_id, [HAND], params={"replace": True})
    assert stored(shelf.engine) == [(1, 10.0, 20.5)]
    with shelf.engine.connect() as connection:
        notes = connection.execute(select(AuditEntry.action, AuditEntry.target_id, AuditEntry.details)).all()
        best = connection.execute(text("select hand_index, players from best_hands")).all()
    assert notes[-1] == ("hands.imported", str(content_id), {"count": 1, "replace": True})
    assert [tuple(row) for row in best] == [(1, ["Ann", "Bo"])]


def test_values_are_stored_as_they_are_sent(admin: httpx.Client, shelf: Shelf) -> None:
    text, lone = '\U0001f0a1 "O\'Brien" {a,b} \\n \\u0041 %s :x', "a\ud800b"
    full: dict[str, Any] = {
        "start_seconds": 0.1 + 0.2,
        "end_seconds": 3e5 / 7,
        "pot_size": 2**53,
        "is_best": True,
    }
    full |= {"category": text, "title": text, "players": [text, "NULL", "{}"]}
    empty: dict[str, Any] = {"start_seconds": 0.0, "end_seconds": 1e-300, "players": []}
    content_id = shelf.add(duration_seconds=None)
    send(admin, content_id, [{"hand_index": 1} | full, {"hand_index": 2} | empty]).raise_for_status()
    with shelf.engine.connect() as connection:
        first, second = connection.execute(select(Hand.__table__).order_by(Hand.hand_index)).mappings()
    assert {name: first[name] for name in full} == full
    expected = empty | {"is_best": False, "category": None, "title": None, "pot_size": None}
    assert {name: second[name] for name in expected} == expected
    body = json.dumps([{"hand_index": 1} | full | {"title": lone}]).encode()
    url, headers = f"/api/admin/contents/{content_id}/hands", {"content-type": "application/json"}
    assert code_of(admin.post(url, content=body, headers=headers)) == (422, "HANDS_INVALID")


def test_hands_are_imported_from_csv(admin: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(duration_seconds=None)
    table = "\ufeffhand_index;start_seconds;end_seconds;players;pot_size\r\n7;0:00:10;1:02:03.5;Ann Carver; 900\r\n\r\n8;4000;4001;;\r\n"
    answer = admin.post(
        f"/api/admin/contents/{content_id}/hands",
        content=table.encode(),
        headers={"content-type": "text/csv; charset=utf-8"},
    )
    assert answer.json() == {"stored": 2}
    assert stored(shelf.engine) == [(7, 10.0, 3723.5), (8, 4000.0, 4001.0)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"end_seconds": 10}, "end_seconds"),
        ({"start_seconds": -1}, "start_seconds"),
        ({"end_seconds": "soon"}, "end_seconds"),
        ({"end_seconds": None}, "end_seconds"),
        ({"end_seconds": 1e9}, "end_seconds"),
        ({"end_seconds": 62}, "end_seconds"),
        ({"hand_index": -1}, "hand_index"),
        ({"hand_index": 2}, "hand_index"),
        ({"title": "a\0b"}, "title"),
        ({"players": [1]}, "players"),
        ({"pot_size": 2**70}, "pot_size"),
        ({"pot_size": "1_000"}, "pot_size"),
        ({"pott_size": 3}, "pott_size"),
    ],
)
def test_an_invalid_row_is_named_and_nothing_is_stored(
    admin: httpx.Client, shelf: Shelf, change: dict[str, Any], field: str
) -> None:
    content_id = shelf.add(duration_seconds=60.0)
    good = HAND | {"hand_index": 2}
    answer = send(admin, content_id, [good, HAND | change])
    assert code_of(answer) == (422, "HANDS_INVALID")
    (row,) = answer.json()["error"]["details"]["rows"]
    assert (row["field"], row["row"]) == (field, 2)
    assert stored(shelf.engine) == []


def test_all_invalid_rows_are_named_at_once(admin: httpx.Client, shelf: Shelf) -> None:
    table = "hand_index,start_seconds,end_seconds\n1,soon,2\n2,9,3\n3,1,999\n3,4,5\n"
    answer = admin.post(
        f"/api/admin/contents/{shelf.add(duration_seconds=60.0)}/hands",
        content=table,
        headers={"content-type": "text/csv"},
    )
    rows = answer.json()["error"]["details"]["rows"]
    assert [(row["row"], row["field"]) for row in rows] == [
        (2, "start_seconds"),
        (3, "end_seconds"),
        (4, "end_seconds"),
        (5, "hand_index"),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("hand_index,start_seconds,end_seconds\n1,2,3,4\n", "row 2, cells beyond the last column"),
        ("hand_index,start_seconds,end_seconds\n1_0,2,3\n", "row 2, hand_index"),
        (
            "hand_index,start_seconds,end_seconds,hand_index\n1,2,3,4\n",
            "the column 'hand_index' occurs twice",
        ),
    ],
)
def test_every_cell_of_a_table_is_checked(admin: httpx.Client, shelf: Shelf, table: str, said: str) -> None:
    url = f"/api/admin/contents/{shelf.add()}/hands"
    answer = admin.post(url, content=table, headers={"content-type": "text/csv"})
    assert code_of(answer) == (422, "HANDS_INVALID")
    assert said in answer.json()["error"]["message"]
    assert stored(shelf.engine) == []


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[[]]", b"[null]", b"[" * 100_000, b"\xff\xfe", b'{"hands": 3}', b"[NaN]"]
)
def test_bodies_that_are_not_lists_of_hands_are_refused(
    admin: httpx.Client, shelf: Shelf, body: bytes
) -> None:
    url = f"/api/admin/contents/{shelf.add()}/hands"
    for kind, status in (("application/json", 422), ("text/csv", 422), ("text/html", 415)):
        answer = admin.post(url, content=body, headers={"content-type": kind})
        assert answer.status_code == status, (kind, answer.text)
    large = admin.post(url, content=b" " * (8 << 20 | 1), headers={"content-type": "text/csv"})
    assert code_of(large) == (413, "REQUEST_ENTITY_TOO_LARGE")


_HEAD = b"hand_index,start_seconds,end_seconds\n"
_MIB = 1 << 20
_HOSTILE = {
    "many columns": ("text/csv", b"hand_index," * 22_000, "line 1 has 242,000 characters"),
    "columns up to the limit of the body": ("text/csv", b"a," * 4 * _MIB, "line 1 has 8,388,608 characters"),
    "columns on quoted lines": ("text/csv", (b'"a\n",' + b"," * 30_000) * 200, "columns"),
    "cells": ("text/csv", _HEAD + b"1," * 15_000, "row 2 has 15,001 cells"),
    "empty lines": ("text/csv", b"\n" * 8 * _MIB, "8,388,608 lines; the limit is 100,000"),
    "empty lines below": ("text/csv", _HEAD + b"\r\n" * 3 * _MIB, "lines; the limit is 100,000"),
    "rows": ("text/csv", _HEAD + b"1,2,3\n" * 90_000, "more than 20,000 hands"),
    "a long cell": ("text/csv", _HEAD + b"1" * 8_000_000, "line 2 has 8,000,000 characters"),
    "a long name": ("text/csv", b"x" * 30_000 + b"\n", "is unknown; the columns are"),
    "lists": ("application/json", b"[" + b"[]," * 2_700_000 + b"[]]", "more than 20,000 hands"),
    "one list": ("application/json", b"[[" + b"1," * 4_000_000 + b"1]]", "an item has at most 131,072"),
    "players": (
        "application/json",
        b'[{"players":[' + b"1," * 60_000 + b"1]}]",
        "60,001 values; the limit is 20",
    ),
    "members": ("application/json", b"{" + b'"a":1,' * 1_000_000 + b'"hands":[]}', "list of hands"),
    "fields": (
        "application/json",
        json.dumps([{str(number): 1 for number in range(9_000)}]).encode(),
        "has 9,000 fields",
    ),
    "a long text": ("application/json", b'[{"title":"' + b"x" * 100_000 + b'"}]', "100,000 characters"),
    "digits": ("application/json", b"[" + b"1" * 8_000_000 + b"]", "not JSON"),
}


def test_oversized_input_is_refused_with_the_limit(admin: httpx.Client, shelf: Shelf) -> None:
    url = f"/api/admin/contents/{shelf.add()}/hands"
    for shape, (kind, body, said) in _HOSTILE.items():
        answer = admin.post(url, content=body, headers={"content-type": kind})
        assert code_of(answer) == (422, "HANDS_INVALID"), shape
        assert said in answer.json()["error"]["message"], shape
        assert len(answer.content) < 100_000, shape


def test_other_requests_are_served_while_a_table_is_parsed(
    admin: httpx.Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsing, served = threading.Event(), threading.Event()

    def slowly(body: bytes) -> Any:
        parsing.set()
        assert served.wait(20), "nothing was served meanwhile"
        return read_csv(body)

    monkeypatch.setattr(hands_route, "read_csv", slowly)
    url = f"/api/admin/contents/{shelf.add()}/hands"
    with ThreadPoolExecutor(1) as pool:
        headers = {"content-type": "text/csv"}
        answer = pool.submit(admin.post, url, content=_HEAD + b"1,2,3\n", headers=headers)
        assert parsing.wait(20)
        assert admin.get("/api/users/me").status_code == 200
        served.set()
        assert answer.result().json() == {"stored": 1}


def test_the_limit_of_hands_applies_to_the_title(admin: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(duration_seconds=None)
    url = f"/api/admin/contents/{content_id}/hands"
    rows = b"".join(b"%d,1,2\n" % number for number in range(20_000))
    answer = admin.post(url, content=_HEAD + rows, headers={"content-type": "text/csv"})
    assert answer.json() == {"stored": 20_000}
    more = send(admin, content_id, [HAND | {"hand_index": 20_000}])
    assert code_of(more) == (422, "HANDS_INVALID")
    assert "20,001 hands" in more.json()["error"]["message"]
    page = admin.get(f"/api/contents/{content_id}/hands", params={"offset": 19_999}).json()
    assert (page["total"], [item["hand_index"] for item in page["items"]]) == (20_000, [19_999])


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists), st.booleans()
)
def test_lists_are_parsed_like_json(value: Any, wrapped: bool) -> None:
    rows = [value, [value], {"a": value}]
    text = json.dumps({"x": value, "hands": rows} if wrapped else rows, indent=1)
    assert repr([row for _, row in read_json(text.encode())]) == repr(rows)


def test_viewers_cannot_import_hands(client: httpx.Client, shelf: Shelf, settings: Settings) -> None:
    content_id = shelf.add()
    assert code_of(send(client, content_id, [HAND])) == (403, "AUTH_NOT_ALLOWED")
    moderator = sign_in(settings, "moderator")
    assert send(client, content_id, [HAND], headers=moderator.headers).status_code == 200


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_arbitrary_bytes_are_parsed_or_refused(body: bytes) -> None:
    for read in (read_json, read_csv):
        try:
            check(read(body), 60.0)
        except HandsInvalidError as error:
            json.dumps([error.text, error.details])
