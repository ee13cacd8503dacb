"""`POST /api/auth/register`."""

from __future__ import annotations

from fastapi import Request

from catalog_models.accounts import InvalidAccountError, check_email, check_password, check_username
from catalog_models.writes import users
from orchestration.events import UserCreated
from serving.auth.block import auth_of
from serving.auth.errors import PUBLIC_ROUTE
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Registered, Registration
from serving.http.errors import ApiError, OriginRefusedError, RequestInvalidError, documented
from serving.http.origin import from_other_site
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import address_of

router = api_router("auth")


class RegistrationClosedError(ApiError):
    """Nobody may register here; an admin adds people."""

    status = 403
    code = "AUTH_REGISTRATION_CLOSED"
    message = "Nobody may register here: an admin adds people."


class AccountTakenError(ApiError):
    """Another account has this e-mail or this name; the details say which."""

    status = 409
    code = "AUTH_ACCOUNT_TAKEN"
    message = "Another account has this e-mail already."


def invalid(error: InvalidAccountError) -> RequestInvalidError:
    """Return the error of an invalid field, in the shape of any invalid request."""
    problem = {"where": f"body.{error.field}", "problem": str(error)}
    return RequestInvalidError(f"{error.field}: {error}", details={"problems": [problem]})


def taken(error: users.TakenError) -> AccountTakenError:
    """Return an error that names the field. Trying to register would reveal it anyway."""
    said = str(error)
    return AccountTakenError(f"{said[0].upper()}{said[1:]}.", details={"field": error.field})


@router.post(
    "/auth/register",
    status_code=201,
    summary="Register",
    responses=documented(RegistrationClosedError, AccountTakenError, TooBusyError, *PUBLIC_ROUTE),
)
async def register(request: Request, wanted: Registration, work: Work) -> Registered:
    """An account of one's own: `active`, or `pending` until an admin has approved it."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    if from_other_site(request):
        raise OriginRefusedError
    policy = auth.context.settings.registration
    if policy == "closed":
        raise RegistrationClosedError
    try:
        email, username = check_email(wanted.email), check_username(wanted.username)
        hashed = await auth.sign_ins.passwords.hash(check_password(wanted.password))
        user_id = await work.run(
            users.create, email=email, username=username, password_hash=hashed, approved=policy == "open"
        )
    except InvalidAccountError as error:
        raise invalid(error) from None
    except users.TakenError as error:
        raise taken(error) from None
    work.announce(UserCreated(user_id))
    return Registered(
        id=user_id, email=email, username=username, status="active" if policy == "open" else "pending"
    )
