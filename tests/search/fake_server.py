"""A small server with the part of Meilisearch's API that we use. It fails on demand.

`fake_matching.py` implements its search.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tasks.search.index import settings as our_settings
from tests.search import fake_matching

_NOW = "2031-01-01T00:00:00.0Z"
_UNSET = {"searchableAttributes": ["*"], "filterableAttributes": [], "sortableAttributes": [], "synonyms": {}}


class RefusedError(Exception):
    """A refusal by the server: a status and a code."""


@dataclass
class Imitation:
    """The state of the server, and how it fails.

    Tasks of the kind `fails` fail, those of `cancelled` are cancelled, and those of `stalls` stay in
    progress. The next `unavailable` requests get 503, a search for `refused` gets 400, and every response
    takes `delay` seconds. With a `key`, all other keys are refused. A `page` is the response to all requests.
    An index that a test adds to `indexes` has our settings.
    """

    url: str = ""
    version: str = "1.50.0"
    key: str | None = None
    indexes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: set[str | None] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    waiting: list[Callable[[], Any]] = field(default_factory=list)
    fails: str = ""
    cancelled: str = ""
    stalls: str = ""
    percent: Callable[[], float] = lambda: 0.0
    refused: str = ""
    unavailable: int = 0
    requests: int = 0
    delay: float = 0.0
    page: bytes = b""

    def settings_of(self, name: str) -> dict[str, Any]:
        """Return the settings of an index."""
        return self.settings.get(name) or our_settings((1, 50))

    def task(self, kind: str) -> tuple[int, dict[str, Any]]:
        """Add a task; the caller does its work where `self.statuses[-1] == "succeeded"`."""
        kinds = {self.fails: "failed", self.cancelled: "canceled", self.stalls: "processing"}
        self.statuses.append(kinds.get(kind, "succeeded"))
        made = {"taskUid": len(self.statuses) - 1, "indexUid": None, "status": "enqueued", "type": kind}
        return 202, {**made, "enqueuedAt": _NOW}

    def respond(self, method: str, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        """Return the status and the JSON of the response to a request."""
        try:
            return self._respond(method, path, body, key)
        except RefusedError as error:
            status, code = error.args
            return status, {"message": code.replace("_", " "), "code": code, "type": "x", "link": "x"}

    def _respond(self, method: str, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        address = urlsplit(path)
        steps = address.path.strip("/").split("/")
        if self.key is not None and steps != ["health"] and key != f"Bearer {self.key}":
            raise RefusedError(*((403, "invalid_api_key") if key else (401, "missing_authorization_header")))
        if len(steps) == 1 or steps[0] != "indexes":
            return self._of_server(method, steps, body, address.query)
        if steps[1] not in self.indexes:
            raise RefusedError(404, "index_not_found")
        return self._of_index(method, steps[1], steps[2:], body, address.query)

    def _of_server(  # noqa: PLR0911  # a table
        self, method: str, steps: list[str], body: Any, query: str
    ) -> tuple[int, Any]:
        match method, steps:
            case "GET", ["health"]:
                return 200, {"status": "available"}
            case "GET", ["version"]:
                return 200, {"pkgVersion": self.version, "commitSha": "x", "commitDate": _NOW}
            case "GET", ["tasks"]:
                (asked,) = parse_qs(query)["statuses"]
                return 200, {"results": [], "total": sum(one in asked for one in self.statuses)}
            case "GET", ["tasks", uid]:
                return 200, self._told(int(uid))
            case "GET", ["batches"]:
                return 200, {"results": [{"progress": {"percentage": self.percent()}}]}
            case "POST", ["indexes"]:
                return self._done("indexCreation", lambda: self._create(body["uid"]))
            case "POST", ["swap-indexes"]:
                return self._done("indexSwap", lambda: self._swap(*body[0]["indexes"]))
            case "POST", ["multi-search"]:
                return 200, {"results": [self._found(one) for one in body["queries"]]}
        raise AssertionError(f"{method} {steps} is not imitated")

    def _of_index(  # noqa: PLR0911  # a table
        self, method: str, name: str, rest: list[str], body: Any, query: str
    ) -> tuple[int, Any]:
        documents = self.indexes[name]
        match method, rest:
            case "GET", []:
                return 200, {"uid": name, "primaryKey": "id", "createdAt": _NOW, "updatedAt": _NOW}
            case "DELETE", []:
                return self._done("indexDeletion", lambda: self.indexes.pop(name))
            case "GET", ["settings"]:
                return 200, self._as_stored(self.settings_of(name))
            case "PATCH", ["settings"]:
                changed = {**self.settings_of(name), **body}
                return self._done("settingsUpdate", lambda: self.settings.update({name: changed}))
            case "POST", ["documents"]:
                assert "primaryKey=id" in query
                added = {document["id"]: document for document in body}
                return self._done("documentAdditionOrUpdate", lambda: documents.update(added))
            case "POST", ["documents", "delete"]:
                gone = [key for key, one in documents.items() if fake_matching.matches(one, [body["filter"]])]
                return self._done("documentDeletion", lambda: [documents.pop(key) for key in gone])
            case "POST", ["documents", "fetch"]:
                wanted = [body["filter"]] if body.get("filter") else []
                found = [one for one in documents.values() if fake_matching.matches(one, wanted)]
                return 200, self._page(found, body["limit"], body.get("offset", 0))
        raise AssertionError(f"{method} {rest} is not imitated")

    def _done(self, kind: str, work: Any) -> tuple[int, Any]:
        answer = self.task(kind)
        if self.statuses[-1] == "succeeded":
            work()
        elif self.statuses[-1] == "processing":
            self.waiting.append(work)
        return answer

    def resume(self) -> None:
        """Finish the stalled tasks, and stop stalling."""
        self.stalls = ""
        while self.waiting:
            self.waiting.pop(0)()
        self.statuses = ["succeeded" if one == "processing" else one for one in self.statuses]

    def _create(self, name: str) -> None:
        self.indexes.setdefault(name, {})
        self.settings.setdefault(name, dict(_UNSET))

    @staticmethod
    def _as_stored(settings: dict[str, Any]) -> dict[str, Any]:
        """Return settings as the server does: it sorts what has no order, and adds defaults."""
        typos = {"disableOnWords": [], **settings.get("typoTolerance", {"enabled": True})}
        return {
            **settings,
            "sortableAttributes": sorted(settings["sortableAttributes"]),
            "typoTolerance": typos,
            "stopWords": [],
        }

    def _found(self, query: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(query)
        name, conditions = query["indexUid"], query.get("filter", [])
        self._check(query)
        documents = self.indexes[name].values()
        chosen = [one for one in documents if fake_matching.matches(one, conditions)]
        settings = self.settings_of(name)
        texts = fake_matching.Texts(chosen, settings["searchableAttributes"])
        parts = fake_matching.parts_of(query["q"])
        found = [one for one, _ in fake_matching.in_order(texts.matching(parts, settings["synonyms"]))]
        first = query.get("offset", 0)
        page = found[first : first + query["limit"]]
        return {
            "hits": [{"id": one["id"]} for one in page],
            "estimatedTotalHits": len(found),
            "facetDistribution": fake_matching.spread(found, query.get("facets", [])),
        }

    def _check(self, query: dict[str, Any]) -> None:
        if query["indexUid"] not in self.indexes:
            raise RefusedError(400, "index_not_found")
        settings = self.settings_of(query["indexUid"])
        read = fake_matching.attributes_of(query.get("filter", [])) | set(query.get("facets", []))
        if not read <= set(settings["filterableAttributes"]):
            raise RefusedError(400, "invalid_search_filter")
        if not set(query.get("attributesToSearchOn", [])) <= set(settings["searchableAttributes"]):
            raise RefusedError(400, "invalid_search_attributes_to_search_on")
        if self.refused and self.refused in query["q"]:
            raise RefusedError(400, "invalid_search_q")

    def _told(self, uid: int) -> dict[str, Any]:
        error = {"message": "no space left", "code": "x"} if self.statuses[uid] == "failed" else None
        told = {"uid": uid, "status": self.statuses[uid], "type": "work", "error": error}
        return {**told, "enqueuedAt": _NOW}

    def _swap(self, one: str, other: str) -> None:
        self.indexes[one], self.indexes[other] = self.indexes[other], self.indexes[one]
        settings = self.settings_of(one), self.settings_of(other)
        self.settings[other], self.settings[one] = settings

    @staticmethod
    def _page(documents: list[dict[str, Any]], limit: int, offset: int) -> dict[str, Any]:
        page = documents[offset : offset + limit]
        return {"results": page, "offset": offset, "limit": limit, "total": len(documents)}


@contextmanager
def imitation() -> Iterator[Imitation]:
    """Run the server on a free port."""
    state = Imitation()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            state.requests += 1
            key = self.headers.get("authorization")
            state.keys.add(key)
            time.sleep(state.delay)
            if state.unavailable:
                state.unavailable -= 1
                status, answer = 503, {"message": "not now", "code": "x", "type": "x", "link": "x"}
            else:
                status, answer = state.respond(self.command, self.path, json.loads(body or b"null"), key)
            said = state.page or json.dumps(answer).encode()
            status = 200 if state.page else status
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815

        def log_message(self, *arguments: Any) -> None: ...

        def handle(self) -> None:
            try:
                super().handle()
            # The client did not wait.
            except ConnectionError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        state.delay = 0
        server.shutdown()
        server.server_close()
        thread.join()
