"""Errors: each has its status and its code, and all responses of errors have one shape.

`{"error": {"code": "CONTENT_NOT_FOUND", "message": "…", "details": {}}}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field


class ErrorBody(BaseModel):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorAnswer(BaseModel):
    """The shape of every error."""

    error: ErrorBody


class ApiError(Exception):
    """An error that becomes a response. Subclasses set its status, its code and its usual message."""

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
    """No user is signed in: there is no token, or it is not one of ours."""

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


class BlockDownApiError(ApiError):
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
    BlockDownApiError,
)
"""What every route for people who are signed in may respond with; pass it to `documented`."""

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
        response = responses.setdefault(
            error.status,
            {"description": "", "content": {"application/json": {"examples": {}, "schema": _SCHEMA}}},
        )
        said = (error.__doc__ or "").strip()
        response["description"] = f"{response['description']} {said}".strip()
        example = {"error": {"code": error.code, "message": error.message, "details": dict(error.shown)}}
        response["content"]["application/json"]["examples"][error.code] = {"summary": said, "value": example}
    return responses
