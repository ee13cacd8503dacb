"""A real enough S3 for the tests: moto's server, with what a network and a busy endpoint do to its answers."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_KEY = "of-the-tests"

Answer = tuple[str, list[tuple[str, str]], list[bytes]]


@dataclass
class Weather:
    """What happens to answers. Both see the path of a request; `asked` counts them, `sent` the bytes of objects."""

    fails: Callable[[str], bool] = lambda _path: False
    delay: Callable[[str], float] = lambda _path: 0.0
    status: str = "500 Internal Server Error"  # of an answer that fails
    cut: int | None = None  # bytes that an object's answer breaks off after
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def clear(self) -> None:
        """Fine weather."""
        self.fails, self.delay, self.cut = (lambda _path: False), (lambda _path: 0.0), None
        self.status = Weather.status
        self.asked.clear()
        self.sent = 0


class _Outside:
    """A WSGI application around another, in the weather."""

    def __init__(self, inner: Any, weather: Weather) -> None:
        self._inner, self._weather = inner, weather

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        weather, path = self._weather, environ["PATH_INFO"]
        if environ.get("HTTP_X_FAIR"):
            return self._inner(environ, start)  # type: ignore[no-any-return]
        weather.asked.append(f"{environ['REQUEST_METHOD']} {path}")
        time.sleep(weather.delay(path))
        if weather.fails(path):
            start(weather.status, [("Content-Length", "0")])
            return [b""]
        return self._pass(environ, start)

    def _pass(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        body = b"".join(self._inner(environ, start))
        if environ["REQUEST_METHOD"] == "GET" and "list-type" not in environ.get("QUERY_STRING", ""):
            body = body[: self._weather.cut]  # the header still promises all of it
            self._weather.sent += len(body)
        yield body


@dataclass
class S3:
    """A bucket of the tests."""

    client: Any
    bucket: str
    weather: Weather

    @property
    def location(self) -> str:
        """Of the root."""
        return f"s3://{self.bucket}"

    def put(self, key: str, content: bytes) -> None:
        """Add or replace an object."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)


def reserve_endpoint() -> None:
    """Set the environment of the tests, and of the processes that they start, for a server that may be started later."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": _KEY,
        "AWS_SECRET_ACCESS_KEY": _KEY,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    os.environ.update(own)


@contextmanager
def serving_s3() -> Iterator[Weather]:
    """Moto at the endpoint that was reserved."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    port = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
    weather = Weather()
    application = _Outside(DomainDispatcherApplication(create_backend_app), weather)
    server = make_server("127.0.0.1", port, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield weather
    server.shutdown()
    thread.join()


def client() -> Any:
    """A client that the weather spares."""
    import boto3

    made = boto3.client("s3")
    made.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("X-Fair", "1")
    )
    return made
