"""`/api/auth/*`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from serving.auth.block import Auth, auth_of
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Login, TokenPair
from serving.auth.signing_in import (
    Attempt,
    DeactivatedError,
    NotApprovedError,
    SignedTokens,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from serving.errors import (
    BlockDownAnswer,
    DatabaseUnavailableError,
    OriginRefusedError,
    RateLimitedError,
    RequestInvalidError,
    documented,
)
from serving.origin import from_elsewhere
from serving.transaction import Work
from serving.viewer import address_of

router = APIRouter(tags=["auth"])

_ANYBODY = (
    RequestInvalidError,
    RateLimitedError,
    OriginRefusedError,
    DatabaseUnavailableError,
    BlockDownAnswer,
)
_LOGIN = (WrongCredentialsError, NotApprovedError, DeactivatedError, TooManyAttemptsError, TooBusyError)


@router.post("/auth/login", summary="Sign in", responses=documented(*_LOGIN, *_ANYBODY))
async def login(request: Request, login: Login, work: Work) -> TokenPair:
    """Tokens for an e-mail and a password."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    if from_elsewhere(request):
        raise OriginRefusedError
    attempt = Attempt(login.email, login.password, address_of(request), device_of(request))
    user = await auth.signing_in.check(attempt)
    return _pair(auth, await auth.signing_in.start(work, user, attempt))


def device_of(request: Request) -> str:
    """What the client calls itself, in so many characters as a list of devices shows."""
    said = request.headers.get("user-agent", "")
    return "".join(character for character in said if character.isprintable())[:200] or "unknown"


def _pair(auth: Auth, tokens: SignedTokens) -> TokenPair:
    return TokenPair(
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_in=int(auth.signing_in.tokens.access.total_seconds()),
    )
