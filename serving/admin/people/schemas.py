"""Schemas of accounts for admins."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from orchestration.contracts import Role
from serving.http.fields import Email, Password, QueryInt, Username
from serving.titles.filters import Text

Status = Literal["active", "pending", "deactivated"]
Written = Annotated[str, Field(max_length=1_000)]


class PeopleQuery(BaseModel):
    """Filters, order and paging for accounts."""

    q: Text | None = Field(default=None, description="A part of the e-mail or the name. Case is ignored.")
    role: Role | None = None
    status: Status | None = None
    sort: Literal["username", "-username", "created", "-created", "-last_login"] = "-created"
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class Person(BaseModel):
    """An account. A `pending` account waits for approval."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    username: str
    role: Role
    status: Status
    subscription_status: str
    created_at: dt.datetime
    last_login_at: dt.datetime | None


_PERSON: JsonDict = {
    "id": "3b8f1f6e-5a44-4b8e-9d2a-0c8f7b1f2e90",
    "email": "ann@example.com",
    "username": "ann",
    "role": "user",
    "status": "active",
    "subscription_status": "free",
    "created_at": "2026-03-01T09:00:00Z",
    "last_login_at": "2026-03-02T20:15:00Z",
}


class People(BaseModel):
    """A page of accounts."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [_PERSON], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[Person]
    total: int
    limit: int
    offset: int


class SignIn(BaseModel):
    """An open sign-in of an account."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    device: str
    address: str
    created_at: dt.datetime
    used_at: dt.datetime


class Stream(BaseModel):
    """A playback session that plays, or waits for a slot (`started_at` is null)."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    title: str
    device: str
    started_at: dt.datetime | None


class OnePerson(Person):
    """An account with its open sign-ins and playback sessions."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": _PERSON
            | {
                "sign_ins": [
                    {
                        "id": "a4c9e0d2-7f31-4a86-b2d0-5e6f7a8b9c0d",
                        "device": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
                        "address": "203.0.113.7",
                        "created_at": "2026-03-01T09:00:00Z",
                        "used_at": "2026-03-02T20:15:00Z",
                    }
                ],
                "streams": [
                    {
                        "playback_id": "b1f6c1de-6a0f-4f5e-9d7e-0f1e2d3c4b5a",
                        "content_id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
                        "title": "WSOP 2024 Main Event – Day 1A",
                        "device": "living room",
                        "started_at": "2026-03-02T20:00:00Z",
                    }
                ],
            }
        },
    )

    sign_ins: list[SignIn] = []
    streams: list[Stream] = []


class NewPerson(BaseModel):
    """A new account, which can sign in at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "email": "ann@example.com",
                "username": "ann",
                "password": "Aces2Kings",
                "role": "user",
            }
        }
    )

    email: Email
    username: Username
    password: Password = Field(repr=False)
    role: Role = "user"


class PersonChanges(BaseModel):
    """Changes to an account. Omitted fields stay unchanged. `active` approves or reactivates an account."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"role": "moderator", "status": "active"}}
    )

    role: Role | None = None
    status: Literal["active", "deactivated"] | None = None
    username: Username | None = None
    subscription_status: Annotated[str, Field(max_length=50, pattern=r"^[a-z_]+$")] | None = None


class NewPassword(BaseModel):
    """A new password. The owner of the account should change it after the next sign-in."""

    model_config = ConfigDict(json_schema_extra={"example": {"password": "Kings2Aces"}})

    password: Password = Field(repr=False)


class Ended(BaseModel):
    """The number of ended sign-ins or playback sessions."""

    model_config = ConfigDict(json_schema_extra={"example": {"ended": 2}})

    ended: int
