"""Rules for the e-mail addresses, names and passwords of accounts. Pure."""

from __future__ import annotations

import re

from catalog_models.errors import RefusedError

LONGEST_PASSWORD = 72
"""The most bytes of a password: bcrypt ignores the rest."""

SHORTEST_PASSWORD = 8
"""The fewest characters of a password."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_USERNAME = re.compile(r"[\w.-]{3,32}")


class InvalidAccountError(RefusedError):
    """An e-mail address, a name or a password breaks the rules. `field` is the name of the field."""

    code = "invalid_account"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def check_email(email: str) -> str:
    """Return the e-mail address as it is stored. Raise `InvalidAccountError` if it cannot be one."""
    stripped = email.strip()
    if not _EMAIL.fullmatch(stripped) or not stripped.isprintable() or len(stripped) > 254:
        raise InvalidAccountError("email", "an e-mail address looks like ann@example.com")
    return stripped


def check_username(username: str) -> str:
    """Return the name as it is stored. Raise `InvalidAccountError` if it breaks the rules."""
    if not _USERNAME.fullmatch(username):
        raise InvalidAccountError(
            "username", "a name has 3 to 32 letters, digits, dots, dashes and underscores"
        )
    return username


def check_password(password: str) -> str:
    """Return the password. Raise `InvalidAccountError`, which does not contain the password."""
    size = len(password.encode("utf-8", "surrogatepass"))
    lacking = [
        name
        for name, has in (
            (f"{SHORTEST_PASSWORD} characters", len(password) >= SHORTEST_PASSWORD),
            ("a capital letter", any(character.isupper() for character in password)),
            ("a small letter", any(character.islower() for character in password)),
            ("a digit", any(character.isdigit() for character in password)),
        )
        if not has
    ]
    if lacking:
        raise InvalidAccountError("password", f"the password needs at least {' and '.join(lacking)}")
    if size > LONGEST_PASSWORD or "\0" in password or any("\ud800" <= c <= "\udfff" for c in password):
        raise InvalidAccountError("password", f"a password has at most {LONGEST_PASSWORD} bytes of text")
    return password
