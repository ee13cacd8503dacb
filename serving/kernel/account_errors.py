"""Errors of accounts, the same for registration, for one's own account and for admins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from catalog_models.accounts import InvalidAccountError
from catalog_models.writes import users
from serving.http.errors import ApiError, RequestInvalidError


class AccountTakenError(ApiError):
    """Another account has this e-mail address or name; `details.field` says which."""

    status = 409
    code = "AUTH_ACCOUNT_TAKEN"
    message = "Another account has this e-mail already."


@contextmanager
def account_errors() -> Iterator[None]:
    """Turn errors of accounts into API errors.

    An invalid field gets the shape of any invalid request. A taken one is named: an attempt to register would
    reveal it anyway.
    """
    try:
        yield
    except InvalidAccountError as error:
        problem = {"where": f"body.{error.field}", "problem": str(error)}
        raise RequestInvalidError(f"{error.field}: {error}", details={"problems": [problem]}) from None
    except users.TakenError as error:
        said = str(error)
        raise AccountTakenError(f"{said[0].upper()}{said[1:]}.", details={"field": error.field}) from None
