"""`GET /api/auth/options` and `POST /api/auth/preferences`: what pages need before a sign-in."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from catalog_models.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from serving.auth.block import auth_of
from serving.http.errors import (
    CHANGING,
    BlockDownApiError,
    OriginRefusedError,
    RequestInvalidError,
    documented,
)
from serving.http.origin import from_our_own_page
from serving.kernel.routes import api_router

router = api_router("auth")

LOCALE_COOKIE = "wsoptv_locale"
THEME_COOKIE = "wsoptv_theme"
# Chromium does not keep cookies for longer than 400 days.
_KEPT = 400 * 86_400

Locale = Literal["en", "ko"]
Theme = Literal["system", "dark", "light"]


class PasswordRules(BaseModel):
    """The rules of passwords: the fewest characters, the most bytes in UTF-8, and the required kinds."""

    min_characters: int
    max_bytes: int
    kinds: list[Literal["uppercase", "lowercase", "digit"]]


class AuthOptions(BaseModel):
    """How people may register and sign in, and how long their sign-ins last.

    With `approval`, an admin approves each registration before its first sign-in. An access token is valid
    for `access_seconds`. A sign-in ends after `refresh_seconds` without use.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "registration": "approval",
                "password": {
                    "min_characters": 8,
                    "max_bytes": 72,
                    "kinds": ["uppercase", "lowercase", "digit"],
                },
                "access_seconds": 900,
                "refresh_seconds": 604_800,
                "locales": ["en", "ko"],
                "themes": ["system", "dark", "light"],
            }
        }
    )

    registration: Literal["approval", "open", "closed"]
    password: PasswordRules
    access_seconds: int
    refresh_seconds: int
    locales: list[Locale]
    themes: list[Theme]


class Preferences(BaseModel):
    """The language and the theme of the pages in this browser. Omitted fields stay unchanged."""

    model_config = ConfigDict(json_schema_extra={"example": {"locale": "ko", "theme": "dark"}})

    locale: Annotated[Locale | None, Field(description="The language of the pages.")] = None
    theme: Annotated[Theme | None, Field(description="`system` follows the setting of the device.")] = None


@router.get("/auth/options", summary="Get the options of sign-ins", responses=documented(BlockDownApiError))
async def get_options(request: Request) -> AuthOptions:
    """Return whether registration is open, the rules of passwords, and the lifetimes of sign-ins."""
    auth = auth_of(request)
    tokens = auth.sign_ins.tokens
    return AuthOptions(
        registration=auth.context.settings.registration,
        password=PasswordRules(
            min_characters=SHORTEST_PASSWORD,
            max_bytes=LONGEST_PASSWORD,
            kinds=["uppercase", "lowercase", "digit"],
        ),
        access_seconds=int(tokens.access.total_seconds()),
        refresh_seconds=int(tokens.refresh.total_seconds()),
        locales=["en", "ko"],
        themes=["system", "dark", "light"],
    )


@router.post(
    "/auth/preferences",
    status_code=204,
    summary="Set the language and theme of this browser",
    responses=documented(RequestInvalidError, *CHANGING),
)
async def post_preferences(request: Request, wanted: Preferences) -> Response:
    """Set the cookies `wsoptv_locale` and `wsoptv_theme`, which pages read. No sign-in is required.

    An HTML form may post the same fields with `next`, a path on this site: the response redirects (303)
    there.
    """
    if not from_our_own_page(request):
        raise OriginRefusedError
    response = Response(status_code=204)
    set_preferences(request, response, wanted)
    return response


def set_preferences(request: Request, response: Response, wanted: Preferences) -> None:
    """Set the cookies of the preferences in the request."""
    for name, value in ((LOCALE_COOKIE, wanted.locale), (THEME_COOKIE, wanted.theme)):
        if value is not None:
            response.set_cookie(
                name, value, max_age=_KEPT, secure=request.url.scheme == "https", samesite="lax"
            )
