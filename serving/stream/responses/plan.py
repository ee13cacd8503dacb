"""Plans of responses with the bytes of a file (RFC 9110), made before the first byte is read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from serving.http.conditional import Conditions, Outcome, Validators, evaluate, range_applies
from serving.http.errors import ApiError, PreconditionFailedError
from serving.http.ranges import Span, select_spans


class RangeNotSatisfiableError(ApiError):
    """The requested range begins beyond the end of the file."""

    status = 416
    code = "RANGE_NOT_SATISFIABLE"
    message = "The requested range begins beyond the end of the file."


@dataclass(frozen=True, slots=True)
class BytesRequest:
    """A request for bytes: its method, preconditions and Range. `now` is in seconds since 1970.

    `by_nginx` is true if an nginx in front of us offers to send the file.
    """

    method: str
    conditions: Conditions
    range: str | None
    now: float
    by_nginx: bool = False


@dataclass(frozen=True, slots=True)
class ServedFile:
    """The file of a response: its size in bytes, validators and media type."""

    size: int
    validators: Validators
    media_type: str


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """The status, headers and body of a response. nginx sends `left` bytes.

    The body consists of spans of the file and of bytes between them.
    """

    status: int
    headers: dict[str, str]
    body: tuple[Span | bytes, ...] = ()
    left: int = 0

    @property
    def length(self) -> int:
        """Return the number of bytes of the body."""
        return _length(self.body)


def plan_response(asked: BytesRequest, resource: ServedFile) -> ResponsePlan:
    """Plan a response with status 200, 206 or 304.

    Conditions are evaluated in the order of §13.2.2: If-Match or If-Unmodified-Since, If-None-Match or
    If-Modified-Since, If-Range, Range. Range applies to GET only; §14.2 requires HEAD to ignore it. Raises
    `PreconditionFailedError` (412) and `RangeNotSatisfiableError` (416).
    """
    headers = resource.validators.headers | {"accept-ranges": "bytes", "cache-control": "private, no-cache"}
    match evaluate(asked.conditions, resource.validators, asked.now):
        case Outcome.PRECONDITION_FAILED:
            raise PreconditionFailedError
        case Outcome.NOT_MODIFIED:
            return ResponsePlan(304, headers)
        case Outcome.PROCEED:
            pass
    spans = _spans(asked, resource)
    if spans is None:
        return _whole(resource, headers)
    if not spans:
        raise RangeNotSatisfiableError(
            details={"size": resource.size},
            headers={"content-range": f"bytes */{resource.size}", "accept-ranges": "bytes"},
        )
    return _one(spans[0], resource, headers) if len(spans) == 1 else _several(spans, resource, headers)


def _spans(asked: BytesRequest, resource: ServedFile) -> tuple[Span, ...] | None:
    if asked.method != "GET" or asked.range is None:
        return None
    if not range_applies(asked.conditions.if_range, resource.validators, asked.now):
        return None
    return select_spans(asked.range, resource.size)


def _whole(resource: ServedFile, headers: dict[str, str]) -> ResponsePlan:
    body = (Span(0, resource.size - 1),) if resource.size else ()
    return ResponsePlan(
        200, headers | {"content-type": resource.media_type, "content-length": str(resource.size)}, body
    )


def _one(span: Span, resource: ServedFile, headers: dict[str, str]) -> ResponsePlan:
    own = {
        "content-type": resource.media_type,
        "content-range": _content_range(span, resource),
        "content-length": str(span.length),
    }
    return ResponsePlan(206, headers | own, (span,))


def _several(spans: tuple[Span, ...], resource: ServedFile, headers: dict[str, str]) -> ResponsePlan:
    """Return a `multipart/byteranges` plan (§14.6).

    The boundary has 128 random bits, so that no file contains it.
    """
    boundary = secrets.token_hex(16)
    body: list[Span | bytes] = []
    for span in spans:
        part = (
            f"\r\n--{boundary}\r\n"
            f"Content-Type: {resource.media_type}\r\n"
            f"Content-Range: {_content_range(span, resource)}\r\n\r\n"
        )
        body += [part.encode("latin-1"), span]
    body.append(f"\r\n--{boundary}--\r\n".encode("latin-1"))
    own = {
        "content-type": f"multipart/byteranges; boundary={boundary}",
        "content-length": str(_length(body)),
    }
    return ResponsePlan(206, headers | own, tuple(body))


def _length(body: Iterable[Span | bytes]) -> int:
    return sum(part.length if isinstance(part, Span) else len(part) for part in body)


def _content_range(span: Span, resource: ServedFile) -> str:
    return f"bytes {span.first}-{span.last}/{resource.size}"
