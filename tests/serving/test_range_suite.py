"""Ranges and conditional requests of RFC 9110, by case (`range_cases.yaml`), directly and behind nginx."""

from __future__ import annotations

import calendar
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml

from deployments.stack import Stack
from serving.app import create_app
from serving.http.dates import format_http_date, parse_http_date
from serving.http.headers import SECURITY_HEADERS
from tests.plugins.servers import Administer, fresh_database, settings_of
from tests.serving.conftest import Shelf, serving, shelf_in, sign_in
from tests.serving.nginx import NEEDS_NGINX, NGINX, behind_nginx

DATED = calendar.timegm((1994, 11, 6, 8, 49, 37))
# The sizes of the files, and their modification times in nanoseconds since 1970.
FILES = {
    "film": (1024, DATED * 10**9),
    "empty": (0, DATED * 10**9),
    "one": (1, DATED * 10**9),
    "future": (1024, 4_102_444_800 * 10**9),
    "ancient": (1024, -86_400_500_000_000),
    "fraction": (1024, DATED * 10**9 + 999_999_999),
    "large": (6_000_001, DATED * 10**9),
}
CODES = {412: "PRECONDITION_FAILED", 416: "RANGE_NOT_SATISFIABLE"}


@dataclass(frozen=True)
class Film:
    """A file, and its placeholders in the cases."""

    path: str
    data: bytes
    words: dict[str, str]


@dataclass(frozen=True)
class Library:
    """The files behind a running application, and the two ways to request them."""

    films: dict[str, Film]
    token: str
    ways: dict[str, HTTPConnection]


@dataclass(frozen=True)
class Answer:
    """A response, with header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Case:
    """A row of the table, with its section."""

    file: str
    method: str
    sent: dict[str, Any]
    status: int | list[int]
    spans: str | list[str]


def _cases() -> Iterator[Any]:
    for section in yaml.safe_load(Path(__file__).with_name("range_cases.yaml").read_text("utf-8")):
        file, method = section.get("file", "film"), section.get("method", "GET")
        for name, sent, status, *spans in section["cases"]:
            case = Case(file, method, sent, status, *(spans or ("",)))
            yield pytest.param(case, id=f"{section['about']}: {name}".encode("ascii", "replace").decode())


def _film(shelf: Shelf, name: str) -> Film:
    size, changed = FILES[name]
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    content_id = shelf.add(name, content=data)
    os.utime(shelf.path_of(content_id), ns=(changed, changed))
    seconds = changed // 10**9
    tag = f"{seconds:x}-{size:x}"
    moment = time.gmtime(max(0, min(seconds, time.time())))
    words = {
        "SIZE": str(size),
        "TAG": f'"{tag}"',
        "BARE": tag,
        "DATE": format_http_date(calendar.timegm(moment)),
        "EARLIER": format_http_date(max(0, seconds - 1)),
        "LATER": format_http_date(seconds + 1),
        "RFC850": time.strftime("%A, %d-%b-%y %H:%M:%S GMT", moment),
        "ASCTIME": time.strftime("%a %b %e %H:%M:%S %Y", moment),
        "DIGITS": "9" * 400,
        "HUNDRED": ",".join(["1-1"] * 100),
        "MANY": ",".join(f"{2 * number}-{2 * number}" for number in range(10_000)),
    }
    return Film(f"/api/stream/{content_id}", data, words)


@pytest.fixture(scope="module")
def library(
    stack: Stack,
    administer: Administer,
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    with ExitStack() as closing:
        database_url = closing.enter_context(fresh_database(stack, administer, template))
        settings = settings_of(folder, database_url, redis_url).model_copy(
            update={"accel": True, "rate_limit": 1_000_000, "stream_limit_per_user": 100}
        )
        shelf = closing.enter_context(shelf_in(folder, database_url))
        films = {name: _film(shelf, name) for name in FILES}
        app = closing.enter_context(serving(create_app(settings)))
        ways = {"direct": app.base_url}
        if NGINX is not None:
            ways["nginx"] = closing.enter_context(behind_nginx(app.base_url, roots=(shelf.archive,)))
        connections = {way: HTTPConnection(url.host, url.port) for way, url in ways.items()}
        yield Library(films, sign_in(settings).token, connections)
        for connection in connections.values():
            connection.close()


@pytest.fixture(params=["direct", pytest.param("nginx", marks=NEEDS_NGINX)])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(library: Library, way: str, film: Film, method: str, sent: dict[str, Any]) -> Answer:
    """Send a request on one kept connection: a response of a wrong length would spoil all that follow."""
    connection = library.ways[way]
    connection.putrequest(method, film.path, skip_accept_encoding=True)
    connection.putheader("Authorization", f"Bearer {library.token}")
    for name, value in sent.items():
        for line in value if isinstance(value, list) else [value]:
            connection.putheader(name, Template(str(line)).substitute(film.words).encode())
    connection.endheaders()
    response: HTTPResponse = connection.getresponse()
    headers = [(name.lower(), value) for name, value in response.getheaders()]
    assert len(dict(headers)) == len(headers), "no header comes twice"
    return Answer(response.status, dict(headers), response.read())


@pytest.mark.parametrize("case", list(_cases()))
def test_case(library: Library, way: str, case: Case) -> None:
    film = library.films[case.file]
    answer = ask(library, way, film, case.method, case.sent)
    assert answer.status == expected_status(case, way)
    # Responses of nginx itself, which never reach the application.
    if answer.status == 400:
        return
    check_headers(answer, film)
    if case.method == "HEAD":
        assert answer.body == b""
        if answer.status == 200:
            assert comparable(answer) == comparable(ask(library, way, film, "GET", {}))
    else:
        check_body(answer, film, case.spans)
    if way == "nginx":
        assert comparable(answer) == comparable(ask(library, "direct", film, case.method, case.sent))


def expected_status(case: Case, way: str) -> int:
    if isinstance(case.status, int):
        return case.status
    return case.status[way == "nginx"]


def is_of_now(answer: Answer) -> bool:
    """Return whether the file is dated now, as files of the future are. Their date changes every second."""
    moments = [answer.headers.get(name) for name in ("date", "last-modified")]
    if not all(moments):
        return False
    sent, changed = (parsedate_to_datetime(moment) for moment in moments if moment)
    return abs((sent - changed).total_seconds()) <= 2


def comparable(answer: Answer) -> dict[str, str]:
    """Return the headers about the file, without those that may differ, such as the random boundary."""
    apart = {"date", "server", "connection", "keep-alive"} | (
        {"last-modified"} if is_of_now(answer) else set()
    )
    boundary = answer.headers.get("content-type", "").rpartition("boundary=")[2]
    return {
        name: value.replace(boundary, "boundary") if boundary else value
        for name, value in answer.headers.items()
        if name not in apart
    }


def check_headers(answer: Answer, film: Film) -> None:
    """Check the headers that each status requires: §8.8 (validators), §14.3, §14.4, §15.3.7, §15.4.5,
    §15.5.13, §15.5.17.
    """
    headers, now = answer.headers, time.time()
    assert SECURITY_HEADERS.keys() <= headers.keys()
    sent_at = parse_http_date(headers["date"], now)
    assert sent_at is not None
    if answer.status in (200, 206, 304):
        assert headers["etag"] == film.words["TAG"]
        modified = parse_http_date(headers["last-modified"], now)
        assert modified is not None
        assert modified <= sent_at
        assert headers["cache-control"] == "private, no-cache"
    if answer.status in (200, 206, 416):
        assert headers["accept-ranges"] == "bytes"
    if answer.status == 304:
        assert not {"content-length", "content-type", "content-range"} & headers.keys()
    if answer.status in (200, 412):
        assert "content-range" not in headers
    if answer.status == 416:
        assert headers["content-range"] == f"bytes */{len(film.data)}"
    if answer.status in CODES:
        assert headers["content-type"] == "application/json"


def check_body(answer: Answer, film: Film, spans: str | list[str]) -> None:
    if answer.status == 200:
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["content-length"] == str(len(film.data))
        assert answer.body == film.data
    elif answer.status == 304:
        assert answer.body == b""
    elif answer.status in CODES:
        assert f'"code":"{CODES[answer.status]}"' in answer.body.decode()
    elif isinstance(spans, str):
        assert answer.headers["content-type"] == "video/mp4"
        check_span(answer.headers["content-range"], answer.body, film, spans)
    else:
        assert "content-range" not in answer.headers
        parts = parts_of(answer)
        assert len(parts) == len(spans)
        for part, span in zip(parts, spans, strict=True):
            assert part.get_content_type() == "video/mp4"
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            check_span(part["content-range"], payload, film, span)


def check_span(content_range: str, body: bytes, film: Film, span: str) -> None:
    first, last = map(int, span.split("-"))
    assert content_range == f"bytes {first}-{last}/{len(film.data)}"
    assert body == film.data[first : last + 1]


def parts_of(response: Answer) -> list[Message]:
    head = f"Content-Type: {response.headers['content-type']}\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    parts: list[Message] = BytesParser().parsebytes(head.encode() + response.body).get_payload()  # type: ignore[assignment]
    return parts
