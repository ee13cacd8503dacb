"""The configuration of an nginx in front of the API."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from serving.http.headers import SECURITY_HEADERS
from serving.stream.responses.nginx import LOCATION
from serving.stream.responses.plan import RangeNotSatisfiableError

# The errors for statuses of nginx itself. 494: the headers are too long; 497: plain HTTP on a TLS port; 502
# and 504: the application does not respond.
_ERRORS = (
    (
        "BAD_REQUEST",
        400,
        "The request is malformed: its address or one of its headers is not valid.",
        "400 497",
    ),
    ("METHOD_NOT_ALLOWED", 405, "This method is not allowed here."),
    ("REQUEST_TIMEOUT", 408, "The request did not arrive in time."),
    ("CONTENT_TOO_LARGE", 413, "The request is larger than 16 MB."),
    ("URI_TOO_LONG", 414, "The address of the request is too long."),
    ("REQUEST_HEADER_FIELDS_TOO_LARGE", 431, "The headers of the request are too long.", "431 494"),
    ("NOT_IMPLEMENTED", 501, "This transfer coding is not supported."),
    ("HTTP_VERSION_NOT_SUPPORTED", 505, "This version of HTTP is not supported."),
    ("SERVICE_UNAVAILABLE", 503, "The service does not respond; try again in a moment.", "502 504"),
)


_HEADERS = SECURITY_HEADERS.keys() - {"cache-control"}


@dataclass(frozen=True)
class NginxOptions:
    """The options of the configuration.

    `listen` is the address of nginx (`127.0.0.1:8080`), `apps` are the addresses of the application's
    processes (`http://127.0.0.1:8000`). `roots` are the folders whose files nginx may send, `static` is the
    folder with the static files of the web app. `certificate` and `key` are files.
    """

    listen: str
    apps: tuple[str, ...]
    roots: tuple[bytes, ...]
    server_name: str = ""
    certificate: Path | None = None
    key: Path | None = None
    threads: bool = True
    static: Path | None = None
    compressed: bool = True


def render(options: NginxOptions) -> bytes:
    """Return a complete configuration."""
    environment = Environment(
        loader=PackageLoader("deployments.nginx", ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - this is not HTML; `_quoted` escapes
    )
    unsatisfiable = RangeNotSatisfiableError
    addresses = [urlsplit(app) for app in options.apps]
    text = environment.get_template("nginx.conf.jinja").render(
        listen=options.listen,
        server_name=_quoted(options.server_name),
        addresses=[address.netloc for address in addresses],
        ports=[address.port for address in addresses],
        certificate=options.certificate and _quoted(str(options.certificate)),
        key=options.key and _quoted(str(options.key)),
        threads=options.threads,
        static=options.static and _without_variables(str(options.static)),
        compressed=options.compressed,
        everything=b"/" in options.roots,
        roots=[_location(root) for root in options.roots],
        # Headers of the application's response. nginx itself keeps Cache-Control and Content-Type.
        variables=[(name, "$upstream_http_" + name.replace("-", "_")) for name in _HEADERS],
        headers=[(name, _quoted(value)) for name, value in SECURITY_HEADERS.items()],
        errors=[_error(*error) for error in _ERRORS],
        not_satisfiable=_error(
            unsatisfiable.code, unsatisfiable.status, unsatisfiable.message, size="$file_size"
        ),
    )
    return text.encode("utf-8", "surrogateescape")


def has_threads() -> bool:
    """Return whether nginx was built with threads, as in all distributions; True if it is not installed."""
    return _is_built("--with-threads")


def has_compressed_files() -> bool:
    """Return whether nginx can send precompressed files; True if nginx is not installed."""
    return _is_built("--with-http_gzip_static_module")


def _is_built(option: str) -> bool:
    program = shutil.which("nginx")
    if program is None:
        return True
    built = subprocess.run([program, "-V"], capture_output=True, text=True, check=False, timeout=10)
    return option in built.stderr


def _location(root: bytes) -> dict[str, str]:
    folder = root.rstrip(b"/").decode("utf-8", "surrogateescape")
    return {
        "location": _quoted(f"{LOCATION}{folder}/"),
        "folder": _without_variables(f"{folder}/"),
        "from": _without_variables(f"from={folder or '/'}"),
    }


def _error(code: str, status: int, message: str, statuses: str = "", **details: str) -> dict[str, Any]:
    """Return an error in the API's format; `details` are numbers, or nginx variables that hold one."""
    error = {"code": code, "message": message, "details": details}
    body = json.dumps({"error": error}, separators=(",", ":"))
    for variable in details.values():
        body = body.replace(f'"{variable}"', variable)
    return {"statuses": statuses or status, "status": status, "body": _quoted(body)}


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def _without_variables(text: str) -> str:
    return _quoted(text).replace("$", "${dollar}")
