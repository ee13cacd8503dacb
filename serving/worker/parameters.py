"""Checks of flow parameters: their names, and values that Prefect can read again.

Prefect 3.8.8 stores values that it cannot read. A run with a number beyond 64 bits or with an unpaired
surrogate makes every list that contains it respond 500, also in the UI of Prefect. On PostgreSQL, NUL cannot
be stored.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

_BITS = 63
_DEEPEST = 32
# Prefect would render such a value on its server.
_TEMPLATE = "__prefect_kind"


def _refused(why: str) -> PydanticCustomError:
    # The message does not quote the value, which may not be valid text for a response.
    return PydanticCustomError("not_storable", "{why}", {"why": why})


def _check(value: Any, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise _refused(f"a value is nested more than {_DEEPEST} levels deep")
    if isinstance(value, dict):
        if _TEMPLATE in value:
            raise _refused(f"a value is a template ({_TEMPLATE}); send the value itself")
        for part in (*value, *value.values()):
            _check(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _check(part, depth + 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, (int, float)):
        _check_number(value)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _refused("a text contains NUL or an unpaired surrogate")


def _check_number(number: float) -> None:
    if isinstance(number, float) and not math.isfinite(number):
        raise _refused("a number is infinite or NaN")
    if isinstance(number, int) and number.bit_length() > _BITS:
        raise _refused(f"a number has more than {_BITS} bits")


def _storable(parameters: dict[str, Any]) -> dict[str, Any]:
    _check(parameters)
    return parameters


Parameters = Annotated[dict[str, Any], AfterValidator(_storable)]


_ID = TypeAdapter(uuid.UUID)


def invalid_ids(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the names of parameters that must be ids but are not.

    Prefect checks only types, so the run would fail at its start.
    """
    known = schema.get("properties")
    shapes = known if isinstance(known, dict) else {}
    return [name for name, value in parameters.items() if _takes_ids(shapes.get(name)) and not _is_id(value)]


def _takes_ids(shape: Any) -> bool:
    return isinstance(shape, dict) and any(
        isinstance(one, dict) and one.get("format") == "uuid" for one in (shape, *shape.get("anyOf", ()))
    )


def _is_id(value: Any) -> bool:
    """Return whether a text is an id. Prefect itself refuses values that are neither text nor null."""
    try:
        return not isinstance(value, str) or bool(_ID.validate_python(value))
    except ValidationError:
        return False


def unknown_names(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return the names of parameters that a flow with this schema does not accept.

    Prefect accepts them unless the schema forbids them, and the run would fail at its start.
    """
    known = schema.get("properties")
    if not isinstance(known, dict) or schema.get("additionalProperties"):
        return []
    return [name for name in parameters if name not in known]
