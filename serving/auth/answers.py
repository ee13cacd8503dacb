"""What every route of auth may answer, for the OpenAPI document."""

from __future__ import annotations

from serving.http.errors import (
    BlockDownAnswer,
    DatabaseUnavailableError,
    OriginRefusedError,
    RateLimitedError,
    RequestInvalidError,
)

ANYBODY = (
    RequestInvalidError,
    RateLimitedError,
    OriginRefusedError,
    DatabaseUnavailableError,
    BlockDownAnswer,
)
