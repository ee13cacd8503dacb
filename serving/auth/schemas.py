"""What auth takes and answers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestration.contracts import Role
from serving.http.fields import Email, Password, Username

_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1ZjBjN2E1MiJ9.c2lnbmF0dXJl"  # noqa: S105 - an example

_ID = "3b8f1f6e-5a44-4b8e-9d2a-0c8f7b1f2e90"

Written = Annotated[str, Field(max_length=1_000)]


class Login(BaseModel):
    """E-mail and password.

    A program sends the `device_token` of its last sign-in to this account, if it has one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "ann@example.com", "password": "Aces2Kings", "device_token": None}
        }
    )

    email: Written
    password: Written
    device_token: Annotated[str, Field(max_length=4_000)] | None = None


class Registration(BaseModel):
    """Who wants in.

    A name has 3 to 32 letters, digits, dots, dashes and underscores; a password 8 characters at least, with a
    small and a capital letter and a digit.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "ann@example.com", "username": "ann", "password": "Aces2Kings"}
        }
    )

    email: Email
    username: Username
    password: Password


class Registered(BaseModel):
    """The account. `pending`: an admin has to approve it before the first sign-in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": _ID, "email": "ann@example.com", "username": "ann", "status": "pending"}
        }
    )

    id: uuid.UUID
    email: str
    username: str
    status: Literal["active", "pending"]


class Me(BaseModel):
    """An account as its owner sees it."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": _ID,
                "email": "ann@example.com",
                "username": "ann",
                "role": "user",
                "subscription_status": "free",
                "created_at": "2026-03-01T09:00:00Z",
                "last_login_at": "2026-03-02T20:15:00Z",
            }
        },
    )

    id: uuid.UUID
    email: str
    username: str
    role: Role
    subscription_status: str
    created_at: dt.datetime
    last_login_at: dt.datetime | None


class MyChanges(BaseModel):
    """What is left out stays as it is. `current_password` is needed for a new one."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"password": "Kings2Aces", "current_password": "Aces2Kings"}}
    )

    username: Username | None = None
    password: Password | None = None
    current_password: Written | None = None


class Device(BaseModel):
    """A sign-in. `device` is what the program called itself, `current` the one that asks."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    device: str
    address: str
    created_at: dt.datetime
    used_at: dt.datetime = Field(description="when its tokens were last renewed")
    expires_at: dt.datetime
    current: bool = False


class Devices(BaseModel):
    """Open sign-ins."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": _ID,
                        "device": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
                        "address": "203.0.113.7",
                        "created_at": "2026-03-01T09:00:00Z",
                        "used_at": "2026-03-02T20:15:00Z",
                        "expires_at": "2026-03-09T20:15:00Z",
                        "current": True,
                    }
                ],
                "total": 1,
                "limit": 1,
                "offset": 0,
            }
        }
    )

    items: list[Device]
    total: int
    limit: int
    offset: int


class RefreshToken(BaseModel):
    """A refresh token."""

    model_config = ConfigDict(json_schema_extra={"example": {"refresh_token": _TOKEN}})

    refresh_token: Annotated[str, Field(max_length=4_000)]


class TokenPair(BaseModel):
    """Tokens. `expires_in`: seconds for which the access token is valid. `device_token`: send it with the
    next sign-in to this account; keep it after a sign-out. A token that was sent only as a cookie is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "access_token": _TOKEN,
                "refresh_token": _TOKEN,
                "device_token": _TOKEN,
                "token_type": "bearer",
                "expires_in": 900,
            }
        }
    )

    access_token: str | None
    refresh_token: str | None
    device_token: str | None
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
