"""Handlers that turn exceptions into error responses."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg.errors import ForeignKeyViolation
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from orchestration.registry import BlockDownError
from serving.http.errors import (
    ApiError,
    BlockDownApiError,
    DatabaseUnavailableError,
    InternalError,
    RequestInvalidError,
    TokenRevokedError,
)
from serving.http.headers import SECURITY_HEADERS

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# A response names at most this many problems of a request.
_MOST_NAMED = 100
# The ends of the names of foreign keys to accounts and their sign-ins.
_OF_ACCOUNTS = ("_user_id", "_actor_id", "_login_session_id")

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Install the handlers, so that all error responses of the application have one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _request_invalid)
    app.add_exception_handler(BlockDownError, _block_down)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeoutError, _database_error)
    app.add_exception_handler(Exception, _internal_error)


def _response(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "details": dict(details or {})}}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def response_of(error: ApiError) -> JSONResponse:
    """Return the response for an error."""
    return _response(error.status, error.code, error.text, error.details, error.headers)


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101 - registered only for it
    return response_of(error)


async def _block_down(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BlockDownError)  # noqa: S101 - registered only for it
    _log.warning("%s", error)
    message = f"A part of the service is down: {error.block}. Try again in a moment."
    return _response(BlockDownApiError.status, BlockDownApiError.code, message, {"block": error.block})


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    """Return the response for an error of the framework, such as an unknown path or method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered only for it
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    message = error.detail
    # Python cannot parse the body: it is nested too deeply, or is not UTF-8.
    if status is HTTPStatus.BAD_REQUEST:
        return response_of(RequestInvalidError("body: not valid JSON"))
    if status is HTTPStatus.NOT_FOUND:
        message = "No resource exists at this path."
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
        message = f"{request.method} is not allowed here; use {' or '.join(_allowed(request))}."
    return _response(status, status.name, message, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes of a path (RFC 9110 §15.5.6).

    The framework returns those of a single route.
    """
    asked: list[Scope] = [{**request.scope, "method": method} for method in _METHODS]
    routes = request.app.router.routes
    found = [
        scope["method"] for scope in asked if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
    # If no route matches, the path is below the mount of static files, which has changed the scope.
    return found or ["GET", "HEAD"]


async def _request_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered only for it
    problems = [
        {"where": _place_of(problem["loc"]), "problem": problem["msg"]}
        for problem in error.errors()[:_MOST_NAMED]
    ]
    message = "; ".join(
        f"{problem['where'].rpartition('.')[2]}: {problem['problem']}" for problem in problems
    )
    return _response(
        RequestInvalidError.status, RequestInvalidError.code, message, details={"problems": problems}
    )


def _place_of(steps: Sequence[str | int]) -> str:
    """Return the place of a problem. Values of a repeated parameter have no number: `query.year`."""
    return ".".join(str(step) for step in steps if steps[0] != "query" or not isinstance(step, int))


def is_database_outage(error: Exception) -> bool:
    """Return whether the connection to the database was lost or refused."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))


def _broken_reference(error: Exception) -> str:
    """Return the name of the foreign key that a statement violates, or an empty text."""
    cause = error.orig if isinstance(error, IntegrityError) else None
    return cause.diag.constraint_name or "" if isinstance(cause, ForeignKeyViolation) else ""


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    """Respond 503 to an outage of the database.

    The account of the viewer (401), or a title (404), may have been deleted since the request began. Raises
    any other database error, which is a bug.
    """
    if reference := _broken_reference(error):
        _log.warning("%s: a row that the request refers to was deleted meanwhile", reference)
        if reference.endswith(_OF_ACCOUNTS):
            return response_of(TokenRevokedError())
        return await _http_exception(request, HTTPException(404))
    if not is_database_outage(error):
        raise error
    _log.warning("the database is unavailable: %s", str(error).partition("\n")[0])
    unavailable = DatabaseUnavailableError
    return _response(unavailable.status, unavailable.code, unavailable.message, headers={"Retry-After": "5"})


async def _internal_error(_: Request, __: Exception) -> JSONResponse:
    """Respond 500, with the security headers: this handler runs outside of all middleware."""
    return _response(
        InternalError.status, InternalError.code, InternalError.message, headers=SECURITY_HEADERS
    )
