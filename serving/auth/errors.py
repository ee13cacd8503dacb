"""Errors of all public routes of block auth, for the OpenAPI document."""

from __future__ import annotations

from serving.http.errors import (
    BlockDownApiError,
    DatabaseUnavailableError,
    OriginRefusedError,
    RateLimitedError,
    RequestInvalidError,
)

PUBLIC_ROUTE = (
    RequestInvalidError,
    RateLimitedError,
    OriginRefusedError,
    DatabaseUnavailableError,
    BlockDownApiError,
)
