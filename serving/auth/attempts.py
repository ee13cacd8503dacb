"""Limits on wrong passwords, by device, account and address.

A device that has signed in to the account before has its own count. All other devices share the count of the
account and that of their address, so guesses by strangers cannot lock out the devices of the owner. This is
the device cookie protocol of OWASP
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from catalog_models.tables import User
from catalog_models.values import format_count
from serving.auth.limits import RateLimits, network_of
from serving.http.errors import ApiError, RateLimitedError

# Failures are counted within this many seconds.
WINDOW = 900
PER_DEVICE = 10
PER_ACCOUNT = 10
PER_ADDRESS = 30


class TooManyAttemptsError(ApiError):
    """Too many wrong passwords from this device, for this account or from this address."""

    status = 429
    code = "AUTH_TOO_MANY_ATTEMPTS"
    message = "Too many wrong passwords: try again in 15 minutes."

    def __init__(self, seconds: int = WINDOW) -> None:
        super().__init__(
            f"Too many wrong passwords: try again in {format_count(max(1, round(seconds / 60)), 'minute')}.",
            headers={"retry-after": str(seconds)},
        )


@dataclass(frozen=True, slots=True)
class AttemptSource:
    """The source of an attempt: an address, and the device if the account knows it.

    `device` is the id of the sign-in that made the device known.
    """

    address: str
    device: uuid.UUID | None = None

    def counts(self, account: str) -> dict[str, int]:
        """Return the keys of the counts for this account, with their limits.

        The address comes first: once it is blocked, its guesses no longer count against the account.
        """
        if self.device is not None:
            return {f"attempts:device:{self.device}:{account}": PER_DEVICE}
        return {
            f"attempts:address:{network_of(self.address)}": PER_ADDRESS,
            f"attempts:account:{account}": PER_ACCOUNT,
        }


@dataclass(frozen=True, slots=True)
class Attempts:
    """Counts wrong passwords."""

    limits: RateLimits

    async def count(self, counts: dict[str, int]) -> None:
        """Count one attempt. Raises `TooManyAttemptsError`."""
        for key, limit in counts.items():
            try:
                await self.limits.count(key, limit, WINDOW)
            except RateLimitedError as error:
                raise TooManyAttemptsError(int(error.headers["retry-after"])) from None

    async def forgive(self, counts: dict[str, int]) -> None:
        """Subtract one attempt, because the password was right or was not checked."""
        await self.limits.forgive(list(counts))


def account_of(email: str, user: User | None) -> str:
    """Return the key under which attempts for an account are counted. The account need not exist.

    The key of an existing account contains its id, not its e-mail, because PostgreSQL matches more spellings
    of a letter than Python does. A new password starts a new count, so an admin can unlock the account by
    resetting it.
    """
    if user is None:
        return hashlib.sha256(email.lower().encode("utf-8", "surrogatepass")).hexdigest()
    return f"{user.id}:{hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]}"
