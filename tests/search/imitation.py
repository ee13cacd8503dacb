"""A small server that speaks as much of Meilisearch's language as we use, and that fails on demand."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_NOW = "2031-01-01T00:00:00.0Z"


@dataclass
class Imitation:
    """What the server holds, and how it fails: tasks of the kind `fails` fail, those of `cancelled` are cancelled, the next
    `unavailable` requests are answered with 503, and every answer takes `delay` seconds."""

    url: str = ""
    indexes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: set[str | None] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    fails: str = ""
    cancelled: str = ""
    unavailable: int = 0
    requests: int = 0
    delay: float = 0.0

    def task(self, kind: str) -> tuple[int, dict[str, Any]]:
        """A new task; whether the caller should do its work is `self.statuses[-1] == "succeeded"`."""
        status = "failed" if kind == self.fails else "canceled" if kind == self.cancelled else "succeeded"
        self.statuses.append(status)
        made = {"taskUid": len(self.statuses) - 1, "indexUid": None, "status": "enqueued", "type": kind}
        return 202, {**made, "enqueuedAt": _NOW}

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:  # noqa: C901, PLR0911, PLR0912  # a table
        address = urlsplit(path)
        match method, address.path.strip("/").split("/"):
            case "GET", ["health"]:
                return 200, {"status": "available"}
            case "GET", ["tasks", uid]:
                return 200, self._told(int(uid))
            case "POST", ["indexes"]:
                return self._done("indexCreation", lambda: self.indexes.setdefault(body["uid"], {}))
            case "POST", ["swap-indexes"]:
                return self._done("indexSwap", lambda: self._swap(*body[0]["indexes"]))
            case _, ["indexes", name, *_] if name not in self.indexes:
                return 404, {"message": "no such index", "code": "index_not_found", "type": "x", "link": "x"}
            case "GET", ["indexes", name]:
                return 200, {"uid": name, "primaryKey": "id", "createdAt": _NOW, "updatedAt": _NOW}
            case "DELETE", ["indexes", name]:
                return self._done("indexDeletion", lambda: self.indexes.pop(name))
            case "PATCH", ["indexes", name, "settings"]:
                return self._done("settingsUpdate", lambda: self.settings.update({name: body}))
            case "POST", ["indexes", name, "documents"]:
                assert "primaryKey=id" in address.query
                added = {document["id"]: document for document in body}
                return self._done("documentAdditionOrUpdate", lambda: self.indexes[name].update(added))
            case "POST", ["indexes", name, "documents", "delete"]:
                keys = body["filter"].removeprefix("id IN [").removesuffix("]").split(", ")
                return self._done(
                    "documentDeletion", lambda: [self.indexes[name].pop(key, None) for key in keys]
                )
            case "POST", ["indexes", name, "documents", "fetch"]:
                return 200, self._page(name, body["limit"], body["offset"])
            case "POST", ["multi-search"] if any(q["indexUid"] not in self.indexes for q in body["queries"]):
                return 400, {"message": "no such index", "code": "index_not_found", "type": "x", "link": "x"}
            case "POST", ["multi-search"]:
                return 200, {"results": [self._found(query) for query in body["queries"]]}
        raise AssertionError(f"{method} {path} is not imitated")

    def _done(self, kind: str, work: Any) -> tuple[int, Any]:
        answer = self.task(kind)
        if self.statuses[-1] == "succeeded":
            work()
        return answer

    def _found(self, query: dict[str, Any]) -> dict[str, Any]:
        """All documents, whatever the words and the filters."""
        self.asked.append(query)
        documents = self.indexes[query["indexUid"]]
        spread = {
            name: Counter(str(found[name]) for found in documents.values() if name in found)
            for name in query.get("facets", [])
        }
        hits = [{"id": key} for key in documents][: query["limit"]]
        return {"hits": hits, "estimatedTotalHits": len(documents), "facetDistribution": spread}

    def _told(self, uid: int) -> dict[str, Any]:
        error = {"message": "no space left", "code": "x"} if self.statuses[uid] == "failed" else None
        told = {"uid": uid, "status": self.statuses[uid], "type": "work", "error": error}
        return {**told, "enqueuedAt": _NOW}

    def _swap(self, one: str, other: str) -> None:
        self.indexes[one], self.indexes[other] = self.indexes[other], self.indexes[one]

    def _page(self, name: str, limit: int, offset: int) -> dict[str, Any]:
        documents = list(self.indexes[name].values())
        page = documents[offset : offset + limit]
        return {"results": page, "offset": offset, "limit": limit, "total": len(documents)}


@contextmanager
def imitation() -> Iterator[Imitation]:
    """The server on a free port."""
    state = Imitation()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            state.requests += 1
            state.keys.add(self.headers.get("authorization"))
            time.sleep(state.delay)
            if state.unavailable:
                state.unavailable -= 1
                status, answer = 503, {"message": "not now", "code": "x", "type": "x", "link": "x"}
            else:
                status, answer = state.answer(self.command, self.path, json.loads(body or b"null"))
            said = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815

        def log_message(self, *arguments: Any) -> None: ...

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # whoever asked did not wait
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
