"""Types of request fields.

pydantic also accepts `true` and `"5"` as numbers in JSON, and `+5`, ` 5`, `1_000` and `5.0` in query strings;
these types do not. `catalog_models.accounts` checks the rules for accounts and explains violations; the types
here only document them.
"""

from __future__ import annotations

import math
import re
import uuid
from itertools import permutations
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from catalog_models.accounts import LONGEST_PASSWORD

_DIGITS = re.compile("[0-9]+")


def _digits(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not _DIGITS.fullmatch(value)):
        raise ValueError("Input should be a whole number, written only in digits")
    return value


def _number(value: object) -> object:
    # `isfinite` raises an error for an integer beyond the range of a float.
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    ):
        raise ValueError("Input should be a number")
    return value


QueryInt = Annotated[int, BeforeValidator(_digits)]
"""A whole number in a query string."""

JsonInt = Annotated[int, BeforeValidator(_number)]
"""A whole number in a JSON body. `5.0` is one (JSON Schema, 6.1.1)."""

JsonFloat = Annotated[float, BeforeValidator(_number)]
"""A finite number in a JSON body."""

JsonBool = Annotated[bool, Field(strict=True)]
"""`true` or `false` in a JSON body."""

T = TypeVar("T")

ListOf = Annotated[list[T], BeforeValidator(lambda value: [] if value is None else value)]
"""A list in a response. The database stores null if it is empty or unknown."""

# Longer texts are rejected before any other check.
_WRITTEN = 1_000
_CLASSES = ("[a-z]", "[A-Z]", "[0-9]")
_ORDERS = "|".join(r"[^\x00]*".join(order) for order in permutations(_CLASSES))

_READ = Field(max_length=_WRITTEN)

Email = Annotated[
    str,
    _READ,
    WithJsonSchema({"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$", "maxLength": 254}),
]
"""The e-mail address of an account."""

Username = Annotated[
    str,
    _READ,
    WithJsonSchema({"type": "string", "pattern": r"^[\w.-]{3,32}$", "minLength": 3, "maxLength": 32}),
]
"""The name of an account."""

Password = Annotated[
    str,
    _READ,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^[^\x00]*(?:{_ORDERS})[^\x00]*$",
            "minLength": 8,
            "maxLength": LONGEST_PASSWORD,
            "description": "At least 8 characters with a capital letter, a small letter and a digit, "
            f"at most {LONGEST_PASSWORD} bytes in UTF-8.",
        }
    ),
]
"""A new password: at least eight characters with a capital letter, a small letter and a digit."""


def uuid_of(text: str) -> uuid.UUID | None:
    """Return the UUID if `text` is its canonical form, else None.

    Python also accepts braces, `urn:uuid:` and missing dashes.
    """
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
