"""Schemas of sign-ins and of one's own account."""

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
    """E-mail and password, and the `device_token` of an earlier sign-in to this account, if any."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "ann@example.com", "password": "Aces2Kings", "device_token": None}
        }
    )

    email: Written
    password: Written
    device_token: Annotated[str, Field(max_length=4_000)] | None = None


class Registration(BaseModel):
    """A new account.

    A name has 3 to 32 letters, digits, dots, dashes and underscores. A password has at least 8 characters,
    with a small letter, a capital letter and a digit.
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
    """The new account. If it is `pending`, an admin must approve it before the first sign-in."""

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
    """The account of the viewer."""

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
    """Changes to the account. Omitted fields stay unchanged. A new password requires `current_password`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"password": "Kings2Aces", "current_password": "Aces2Kings"}}
    )

    username: Username | None = None
    password: Password | None = None
    current_password: Written | None = None


class Device(BaseModel):
    """A sign-in. `device` is its User-Agent. `current` marks the sign-in that sent the request."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    device: str
    address: str
    created_at: dt.datetime
    used_at: dt.datetime = Field(description="When its tokens were last refreshed.")
    expires_at: dt.datetime
    current: bool = False


class Devices(BaseModel):
    """The open sign-ins of the account."""

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
    """The tokens of a sign-in. Tokens that were sent only as cookies are null.

    The access token is valid for `expires_in` seconds. Keep the `device_token`, also after a sign-out, and
    send it with the next sign-in to this account.
    """

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
