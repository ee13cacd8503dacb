"""Errors of the API. Each has its own status and code; all error responses have one shape.

`{"error": {"code": "CONTENT_NOT_FOUND", "message": "…", "details": {}}}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

# The framework raises these itself; `error_responses` names them by their status.
_OF_FRAMEWORK = ("METHOD_NOT_ALLOWED", "NOT_FOUND")


class _EveryCode:
    """Lists the codes of all errors, once every module that defines some has been imported."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": codes(), "description": "The code of an error, for programs."}


ErrorCode = TypeAliasType("ErrorCode", Annotated[str, _EveryCode()])


class ErrorBody(BaseModel):
    """An error: a stable code for programs, a message for people, and further details."""

    code: ErrorCode
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorAnswer(BaseModel):
    """The body of every error response."""

    error: ErrorBody


class ApiError(Exception):
    """An error that becomes a response. Subclasses set the status, the code and the default message."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[str]
    shown: ClassVar[Mapping[str, Any]] = {}
    """The `details` of the example in the OpenAPI document."""

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


def codes() -> list[str]:
    """Return the codes of all errors that the API responds with, sorted."""
    found, left = set(_OF_FRAMEWORK), ApiError.__subclasses__()
    while left:
        error = left.pop()
        left += error.__subclasses__()
        # Tests define errors of their own.
        if error.__module__.startswith("serving.") and hasattr(error, "code"):
            found.add(error.code)
    return sorted(found)


class PreconditionFailedError(ApiError):
    """The file has changed: `If-Match` or `If-Unmodified-Since` does not hold."""

    status = 412
    code = "PRECONDITION_FAILED"
    message = "The file has changed since the version that the request names."


class RequestInvalidError(ApiError):
    """A parameter, header or body field is invalid; `details.problems` lists all of them."""

    status = 422
    code = "REQUEST_INVALID"
    message = "limit: Input should be less than or equal to 200"
    shown: ClassVar[Mapping[str, Any]] = {
        "problems": [{"where": "query.limit", "problem": "Input should be less than or equal to 200"}]
    }


class TooLargeError(ApiError):
    """The request body is too large."""

    status = 413
    code = "REQUEST_ENTITY_TOO_LARGE"
    message = "The request body is too large: the limit is 64 KiB."


class TooSlowError(ApiError):
    """The request body did not arrive in time."""

    status = 408
    code = "REQUEST_TIMEOUT"
    message = "The request body did not arrive within 30 seconds."


class DatabaseUnavailableError(ApiError):
    """The database is unavailable."""

    status = 503
    code = "DATABASE_UNAVAILABLE"
    message = "The database is unavailable; try again in a moment."


class AuthRequiredError(ApiError):
    """The request has no valid access token."""

    status = 401
    code = "AUTH_REQUIRED"
    message = "Sign in first: POST /api/auth/login."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"www-authenticate": "Bearer"})


class TokenExpiredError(AuthRequiredError):
    """The access token has expired."""

    code = "AUTH_TOKEN_EXPIRED"
    message = "The access token has expired: get a new one with POST /api/auth/refresh."


class TokenRevokedError(AuthRequiredError):
    """The sign-in was ended by a sign-out, a new password or an admin."""

    code = "AUTH_TOKEN_REVOKED"
    message = "This sign-in has ended: sign in again."


class NotAllowedError(ApiError):
    """The account lacks the required role."""

    status = 403
    code = "AUTH_NOT_ALLOWED"
    message = "This requires the role admin; yours is user."


class OriginRefusedError(ApiError):
    """A page of another site sent the request with the cookies of this site."""

    status = 403
    code = "AUTH_ORIGIN_REFUSED"
    message = "Requests with cookies must come from this site's own pages; programs send a bearer token."


class RateLimitedError(ApiError):
    """Too many requests within a minute."""

    status = 429
    code = "RATE_LIMITED"
    message = "Too many requests: try again in 30 seconds."

    def __init__(self, seconds: int) -> None:
        super().__init__(
            f"Too many requests: try again in {seconds} seconds.", headers={"retry-after": str(seconds)}
        )


class BlockDownApiError(ApiError):
    """A part of the service that the request needs is down; the other parts work."""

    status = 503
    code = "BLOCK_DOWN"
    message = "A part of the service is down: stream. Try again in a moment."


SIGNED_IN = (
    AuthRequiredError,
    TokenExpiredError,
    TokenRevokedError,
    RateLimitedError,
    DatabaseUnavailableError,
    BlockDownApiError,
)
"""Errors of every route that requires a sign-in; pass them to `documented`."""

FOR_ROLES = (*SIGNED_IN, NotAllowedError)
"""Errors of routes that require a role."""

CHANGING = (OriginRefusedError, TooLargeError, TooSlowError)
"""Errors of routes with an unsafe method, in addition to the others."""


class InternalError(ApiError):
    """An unexpected error of the server; the log contains the traceback."""

    status = 500
    code = "INTERNAL_ERROR"
    message = "Something went wrong on the server; its log contains the details."


_SCHEMA = {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}
"""The schema of every documented error. With `model` instead, FastAPI would build a validator for each status
of each route at import (376 of them). Only `/metrics` declares the schema itself."""

OTHER_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Any other error.", "content": {"application/json": {"schema": _SCHEMA}}},
}


def documented(*errors: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route for OpenAPI: one example per error, grouped by status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        response = responses.setdefault(
            error.status,
            {"description": "", "content": {"application/json": {"examples": {}, "schema": _SCHEMA}}},
        )
        said = (error.__doc__ or "").strip()
        response["description"] = f"{response['description']} {said}".strip()
        example = {"error": {"code": error.code, "message": error.message, "details": dict(error.shown)}}
        response["content"]["application/json"]["examples"][error.code] = {"summary": said, "value": example}
    return responses
