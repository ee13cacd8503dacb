"""S3 for the tests: moto's server behind a proxy that fails and delays as networks and busy endpoints do."""

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


@dataclass(frozen=True)
class Refusal:
    """An error response of S3: its status, its code, and the region that it names."""

    status: str
    code: str
    region: str | None = None

    def response(self, start: Any, method: str) -> list[bytes]:
        """Send it. S3 leaves out the body if the request is a HEAD."""
        region = f"<Region>{self.region}</Region>" if self.region and self.status.startswith("400") else ""
        body = f"<Error><Code>{self.code}</Code><Message>of the tests</Message>{region}</Error>".encode()
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
        if self.region:
            headers.append(("x-amz-bucket-region", self.region))
        start(self.status, headers)
        return [] if method == "HEAD" else [body]


ACCESS_DENIED = Refusal("403 Forbidden", "AccessDenied")
SLOW_DOWN = Refusal("503 Slow Down", "SlowDown")
EXPIRED = Refusal("400 Bad Request", "ExpiredToken")
WRONG_KEY = Refusal("403 Forbidden", "InvalidAccessKeyId")
WRONG_SECRET = Refusal("403 Forbidden", "SignatureDoesNotMatch")


def redirected(region: str) -> Refusal:
    """Return the response of the endpoint of another region."""
    return Refusal("301 Moved Permanently", "PermanentRedirect", region)


def malformed(region: str) -> Refusal:
    """Return the response to a request that was signed for another region."""
    return Refusal("400 Bad Request", "AuthorizationHeaderMalformed", region)


@dataclass
class Weather:
    """The faults of responses, and a record of the requests.

    The functions get the path of a request. `fails`: whether to respond with `status`, after `delay` seconds.
    `abroad`: the response to requests signed for a region other than its own. `breaks`: whether to close the
    connection without a response. `cut`: the byte of an object after which its response ends. `asked`: the
    paths that were requested. `unguarded`: objects that were read without If-Match. `sent`: bytes of objects.
    """

    fails: Callable[[str], bool] = lambda _path: False
    delay: Callable[[str], float] = lambda _path: 0.0
    status: str = "500 Internal Server Error"
    refuses: Callable[[str], Refusal | None] = lambda _path: None
    abroad: Refusal | None = None
    breaks: Callable[[str], bool] = lambda _path: False
    cut: int | None = None
    asked: list[str] = field(default_factory=list)
    unguarded: list[str] = field(default_factory=list)
    sent: int = 0

    def clear(self) -> None:
        """Remove all faults."""
        fine = Weather()
        for name in ("fails", "delay", "status", "refuses", "abroad", "breaks", "cut", "sent"):
            setattr(self, name, getattr(fine, name))
        self.asked.clear()
        self.unguarded.clear()

    def refusal(self, environ: dict[str, Any]) -> Refusal | None:
        """Return the error that this request gets."""
        signed = environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "").replace("%2F", "/")
        if self.abroad is not None and f"/{self.abroad.region}/s3/" not in signed:
            return self.abroad
        return self.refuses(environ["PATH_INFO"])


class _Outside:
    """A WSGI application around another, in the weather."""

    def __init__(self, inner: Any, weather: Weather) -> None:
        self._inner, self._weather = inner, weather

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        weather, path, method = self._weather, environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if environ.get("HTTP_X_FAIR"):
            return self._inner(environ, start)  # type: ignore[no-any-return]
        weather.asked.append(f"{method} {path}")
        time.sleep(weather.delay(path))
        if weather.breaks(path):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        if refusal := weather.refusal(environ):
            return refusal.response(start, method)
        if weather.fails(path):
            start(weather.status, [("Content-Length", "0")])
            return [b""]
        if method == "GET" and "HTTP_RANGE" in environ and "HTTP_IF_MATCH" not in environ:
            weather.unguarded.append(path)
        return self._pass(environ, start)

    def _pass(self, environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        body = b"".join(self._inner(environ, start))
        if environ["REQUEST_METHOD"] == "GET" and "list-type" not in environ.get("QUERY_STRING", ""):
            # The header still promises the whole body.
            body = body[: self._weather.cut]
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
    """Set the environment of the tests and of their processes for a server that may start later."""
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
    """Return a client that bypasses the faults."""
    import boto3

    made = boto3.client("s3")
    made.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("X-Fair", "1")
    )
    return made
