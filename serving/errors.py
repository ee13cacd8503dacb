"""Errors: each owns its status and its code, and every answer of one has the same shape.

`{"error": {"code": "CONTENT_NOT_FOUND", "message": "…", "details": {}}}`, whoever raised it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from orchestration.registry import BlockDownError
from serving.headers import SECURITY_HEADERS

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

_log = logging.getLogger(__name__)

# The most problems of one request that a response names.
_MOST_NAMED = 100


class ErrorBody(BaseModel):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorAnswer(BaseModel):
    """The shape of every error."""

    error: ErrorBody


class ApiError(Exception):
    """An error that is answered as it stands. Subclasses name its status, its code and what it usually says."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[str]
    shown: ClassVar[Mapping[str, Any]] = {}
    """The details of the example in the OpenAPI document."""

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.text = message or self.message
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        super().__init__(self.text)


class ContentNotFoundError(ApiError):
    """No title has this id, or it is not to be seen."""

    status = 404
    code = "CONTENT_NOT_FOUND"
    message = "There is no title with this id."


class PreconditionFailedError(ApiError):
    """What the client expects (`If-Match`, `If-Unmodified-Since`) is not what is here."""

    status = 412
    code = "PRECONDITION_FAILED"
    message = "The file is not the one that the request expects: it has changed."


class RequestInvalidError(ApiError):
    """A parameter cannot be read."""

    status = 422
    code = "REQUEST_INVALID"
    message = "limit: Input should be less than or equal to 200"
    shown: ClassVar[Mapping[str, Any]] = {
        "problems": [{"where": "query.limit", "problem": "Input should be less than or equal to 200"}]
    }


class TooLargeError(ApiError):
    """The body is too large."""

    status = 413
    code = "REQUEST_ENTITY_TOO_LARGE"
    message = "The body is too large: 64 KiB are the most that is read here."


class TooSlowError(ApiError):
    """The body did not come to its end in time."""

    status = 408
    code = "REQUEST_TIMEOUT"
    message = "The body was not there after 30 seconds."


class DatabaseUnavailableError(ApiError):
    """PostgreSQL does not answer."""

    status = 503
    code = "DATABASE_UNAVAILABLE"
    message = "The catalogue's database does not answer; try again in a moment."


class AuthRequiredError(ApiError):
    """Nobody is signed in: no token, or one that is none of ours."""

    status = 401
    code = "AUTH_REQUIRED"
    message = "Sign in first: POST /api/auth/login."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"www-authenticate": "Bearer"})


class TokenExpiredError(AuthRequiredError):
    """The access token is too old."""

    code = "AUTH_TOKEN_EXPIRED"
    message = "The access token has expired: POST /api/auth/refresh gives a new one."


class TokenRevokedError(AuthRequiredError):
    """The sign-in was ended: by a logout, a new password, an admin."""

    code = "AUTH_TOKEN_REVOKED"
    message = "This sign-in has been ended: sign in again."


class NotAllowedError(ApiError):
    """The role does not allow it."""

    status = 403
    code = "AUTH_NOT_ALLOWED"
    message = "This needs the role admin; yours is user."


class OriginRefusedError(ApiError):
    """A page of another site sent this with this site's cookies."""

    status = 403
    code = "AUTH_ORIGIN_REFUSED"
    message = "With cookies, only this site's own pages may change something; programs send a bearer token."


class RateLimitedError(ApiError):
    """Too many requests in a minute."""

    status = 429
    code = "RATE_LIMITED"
    message = "Too many requests: try again in 30 seconds."

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many requests: try again in {seconds} seconds.", headers={"retry-after": str(seconds)}
        )


class BlockDownAnswer(ApiError):  # noqa: N818 - what the registry's error is answered with
    """A part of the service that this needs is down; the others serve."""

    status = 503
    code = "BLOCK_DOWN"
    message = "The part of the service that this needs is down: stream."


SIGNED_IN = (
    AuthRequiredError,
    TokenExpiredError,
    TokenRevokedError,
    RateLimitedError,
    DatabaseUnavailableError,
    BlockDownAnswer,
)
"""What every route for people who are signed in may answer; give it to `documented`."""

FOR_ROLES = (*SIGNED_IN, NotAllowedError)
"""The same for routes that need a role."""

CHANGING = (OriginRefusedError, TooLargeError, TooSlowError)
"""And for unsafe methods."""


class InternalError(ApiError):
    """A fault of ours; the log has the traceback."""

    status = 500
    code = "INTERNAL_ERROR"
    message = "Something went wrong on our side; the server's log says what."


_SCHEMA = {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}
"""The schema of every documented error. With `model` instead, FastAPI would build a validator for each status
of each route at import (376 of them). The route of the metrics declares the schema itself."""

OTHER_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Any other error", "content": {"application/json": {"schema": _SCHEMA}}},
}


def documented(*errors: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route for OpenAPI: one example for each error, grouped by status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        answer = responses.setdefault(
            error.status,
            {"description": "", "content": {"application/json": {"examples": {}, "schema": _SCHEMA}}},
        )
        said = (error.__doc__ or "").strip()
        answer["description"] = f"{answer['description']} {said}".strip()
        example = {"error": {"code": error.code, "message": error.message, "details": dict(error.shown)}}
        answer["content"]["application/json"]["examples"][error.code] = {"summary": said, "value": example}
    return responses


def install(app: FastAPI) -> None:
    """Make every error of the application one of this shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _request_invalid)
    app.add_exception_handler(BlockDownError, _block_down)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeoutError, _database_error)
    app.add_exception_handler(Exception, _internal_error)


def _answer(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "details": dict(details or {})}}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def answer_of(error: ApiError) -> JSONResponse:
    """What the error is answered with."""
    return _answer(error.status, error.code, error.text, error.details, error.headers)


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for it alone
    return answer_of(error)


async def _block_down(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BlockDownError)  # noqa: S101 - registered for it alone
    _log.warning("%s", error)
    message = f"The part of the service that this needs is down: {error.block}."
    return _answer(BlockDownAnswer.status, BlockDownAnswer.code, message, {"block": error.block})


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    """What the framework raises by itself: an unknown path, a method that a path does not know."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    message = error.detail
    if status is HTTPStatus.BAD_REQUEST:  # a body that Python gives up on: too deep, no UTF-8
        return answer_of(RequestInvalidError("body: it cannot be read as JSON"))
    if status is HTTPStatus.NOT_FOUND:
        message = "There is nothing at this address."
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
        message = f"{request.method} is not allowed here; use {' or '.join(_allowed(request))}."
    return _answer(status, status.name, message, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes of a path (RFC 9110 §15.5.6); the framework names one route's."""
    asked: list[Scope] = [{**request.scope, "method": method} for method in METHODS]
    routes = request.app.router.routes
    found = [
        scope["method"] for scope in asked if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
    # A path that no route matches now is below the mount of static files, which has changed the scope.
    return found or ["GET", "HEAD"]


async def _request_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    problems = [
        {"where": ".".join(str(step) for step in problem["loc"]), "problem": problem["msg"]}
        for problem in error.errors()[:_MOST_NAMED]
    ]
    message = "; ".join(
        f"{problem['where'].rpartition('.')[2]}: {problem['problem']}" for problem in problems
    )
    return _answer(
        RequestInvalidError.status, RequestInvalidError.code, message, details={"problems": problems}
    )


async def _database_error(_: Request, error: Exception) -> JSONResponse:
    """A lost or refused connection is the database's state; any other of its errors is a fault of ours."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if not lost and not isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError)):
        raise error
    _log.warning("the database does not answer: %s", str(error).partition("\n")[0])
    unavailable = DatabaseUnavailableError
    return _answer(unavailable.status, unavailable.code, unavailable.message, headers={"Retry-After": "5"})


async def _internal_error(_: Request, __: Exception) -> JSONResponse:
    """Answered above all middleware, so that it brings the headers that those would add."""
    return _answer(InternalError.status, InternalError.code, InternalError.message, headers=SECURITY_HEADERS)
