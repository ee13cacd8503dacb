"""`POST /api/auth/register`: registration."""

from __future__ import annotations

from fastapi import Request

from catalog_models.accounts import check_password
from orchestration.events import UserCreated
from serving.auth.block import auth_of
from serving.auth.errors import PUBLIC_ROUTE
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Registered, Registration
from serving.http.errors import ApiError, OriginRefusedError, documented
from serving.http.origin import from_other_site
from serving.kernel.account_errors import AccountTakenError, account_errors
from serving.kernel.routes import api_router
from serving.kernel.transaction import Transaction, Work
from serving.kernel.viewer import address_of
from tasks import accounts
from tasks.accounts import NewAccount, check_names

router = api_router("auth")


class RegistrationClosedError(ApiError):
    """Registration is closed on this server."""

    status = 403
    code = "AUTH_REGISTRATION_CLOSED"
    message = "Registration is closed: ask an admin for an account."


@router.post(
    "/auth/register",
    status_code=201,
    summary="Register an account",
    responses=documented(RegistrationClosedError, AccountTakenError, TooBusyError, *PUBLIC_ROUTE),
)
async def register(request: Request, wanted: Registration, work: Work) -> Registered:
    """Create your own account. It is `active`, or `pending` until an admin approves it.

    A page of this service may also post the fields as an HTML form: the response redirects (303) to
    `/sign-in?registered=…`, or to `/register` with the `error`, its `field`, the `email` and the `username`.
    """
    return await create_account(request, wanted, work)


async def create_account(request: Request, wanted: Registration, work: Transaction) -> Registered:
    """Create an account, if registration is not closed. Raises the errors of a registration."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    if from_other_site(request):
        raise OriginRefusedError
    policy = auth.context.settings.registration
    if policy == "closed":
        raise RegistrationClosedError
    with account_errors():
        email, username = check_names(wanted.email, wanted.username)
        hashed = await auth.sign_ins.passwords.hash(check_password(wanted.password))
        new = NewAccount(email, username, hashed, approved=policy == "open")
        user_id = await work.run(accounts.create_account, new)
    work.announce(UserCreated(user_id))
    return Registered(
        id=user_id, email=email, username=username, status="active" if policy == "open" else "pending"
    )
