"""What auth takes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjBjN2E1MiJ9.c2lnbmF0dXJl"  # noqa: S105 - an example

Written = Annotated[str, Field(max_length=1_000)]


class Login(BaseModel):
    """E-mail and password."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "ann@example.com", "password": "Aces2Kings"}}
    )

    email: Written
    password: Written


class RefreshToken(BaseModel):
    """A refresh token."""

    model_config = ConfigDict(json_schema_extra={"example": {"refresh_token": _TOKEN}})

    refresh_token: Annotated[str, Field(max_length=4_000)]


class TokenPair(BaseModel):
    """Tokens. `expires_in`: seconds that the access token is good for. The tokens are null where they went into cookies
    alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "access_token": _TOKEN,
                "refresh_token": _TOKEN,
                "token_type": "bearer",
                "expires_in": 900,
            }
        }
    )

    access_token: str | None
    refresh_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
