"""Reading hands from JSON or CSV: all rows are good, or each bad one is named."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from serving.errors import ApiError

MOST_ROWS = 20_000
_TOLERANCE = 1.0  # seconds by which a hand may end after the file does: editors round up
_MOST_NAMED = 100  # bad rows that an answer names


class HandsInvalidError(ApiError):
    """Rows cannot be hands; the details name each, and nothing was stored."""

    status = 422
    code = "HANDS_INVALID"
    message = "1 row cannot be stored, so none was: row 3, end_seconds: does not lie behind start_seconds"


def _listed(value: object) -> object:
    """Names in one cell of a table stand between semicolons."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(";") if name.strip()] or None
    return value


def _seconds(value: object) -> object:
    """`1:02:03.5` is 3,723.5 seconds."""
    if isinstance(value, str) and ":" in value:
        parts = value.split(":")
        if len(parts) <= 3 and all(part.replace(".", "", 1).isdigit() and part.isascii() for part in parts):
            return sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))
    return value


_WRITTEN = re.compile(r"[ \t]*[0-9]+(?:\.[0-9]*)?[ \t]*")


def _plain_number(value: object) -> object:
    """Python also reads `1_000`, `1e3` and `true`; a cell of a table holds digits."""
    if isinstance(value, bool) or (isinstance(value, str) and not _WRITTEN.fullmatch(value)):
        raise ValueError("is no number")
    return value


Whole = Annotated[int, BeforeValidator(_plain_number)]
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Seconds = Annotated[
    float,
    BeforeValidator(_plain_number),
    # The last one runs first: it makes a number of a time.
    BeforeValidator(_seconds),
    Field(ge=0, le=1_000_000, allow_inf_nan=False),
]


class HandRow(BaseModel):
    """A hand, in seconds from the title's start (`1:02:03` is read, too). In CSV players stand between semicolons."""

    model_config = ConfigDict(extra="forbid")

    hand_index: Whole = Field(ge=0, le=1_000_000)
    start_seconds: Seconds
    end_seconds: Seconds
    is_best: bool = False
    category: Text | None = None
    title: Text | None = None
    players: Annotated[Annotated[list[Text], Field(max_length=20)] | None, BeforeValidator(_listed)] = None
    pot_size: Whole | None = Field(default=None, ge=0, le=2**53)


Numbered = list[tuple[int, Any]]
"""Rows as they came, each with its number as a person counts."""


def read_json(body: bytes) -> Numbered:
    """A list of hands, or an object with one as `hands`. Raises `HandsInvalidError`."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HandsInvalidError(f"the body is no JSON: {error}") from None
    if isinstance(rows, dict):
        rows = rows.get("hands")
    if not isinstance(rows, list):
        raise HandsInvalidError('the body is a list of hands, or {"hands": […]}')
    numbered: Numbered = list(enumerate(rows, 1))
    refuse([(number, field, "is no number") for number, row in numbered for field in _quoted_numbers(row)])
    return numbered


def _quoted_numbers(row: object) -> Iterator[str]:
    """Yield the fields of a JSON row in which a text stands for a number or a truth value; `1:02:03` is a time."""
    if not isinstance(row, dict):
        return
    for field in ("hand_index", "pot_size", "is_best", "start_seconds", "end_seconds"):
        value = row.get(field)
        if isinstance(value, str) and (":" not in value or not field.endswith("_seconds")):
            yield field


def read_csv(body: bytes) -> Numbered:
    """A table with a line of names first (UTF-8, comma or semicolon); empty cells say nothing. Raises `HandsInvalidError`."""
    try:
        text = body.decode("utf-8-sig")
        names, *lines = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise HandsInvalidError(f"the body is no CSV with a line of names: {error}") from None
    if unknown := [name for name in names if name.strip() not in HandRow.model_fields]:
        raise HandsInvalidError(
            f"there is no column {unknown[0]!r}; there are {', '.join(HandRow.model_fields)}"
        )
    names = [name.strip() for name in names]
    if twice := [name for name in names if names.count(name) > 1]:
        raise HandsInvalidError(f"there are two columns {twice[0]!r}")
    return [(number, _row(names, line)) for number, line in enumerate(lines, 2) if any(line)]


def _delimiter(text: str) -> str:
    return ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","


def _row(names: list[str], cells: list[str]) -> dict[str, Any]:
    """What a line says; cells beyond the last column are one without a name."""
    columns = zip_longest(names, cells[: len(names)], fillvalue="")
    row = {name: cell for name, cell in columns if cell.strip()}
    beyond = [cell for cell in cells[len(names) :] if cell.strip()]
    return row | ({"cells beyond the last column": beyond} if beyond else {})


def check(rows: Numbered, duration: float | None) -> list[HandRow]:
    """The hands of a title of this duration in seconds (None: unknown). Raises `HandsInvalidError` with all that is wrong."""
    if len(rows) > MOST_ROWS:
        raise HandsInvalidError(f"at most {MOST_ROWS:,} hands at a time, not {len(rows):,}")
    hands: list[HandRow] = []
    problems: list[tuple[int, str, str]] = []
    known: dict[int, int] = {}
    for number, row in rows:
        try:
            hands.append(HandRow.model_validate(row))
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False, include_context=False)
            problems += [(number, str(one["loc"][0]) if one["loc"] else "row", one["msg"]) for one in wrong]
            continue
        problems += [(number, *said) for said in _odd(hands[-1], duration)]
        if (first := known.setdefault(hands[-1].hand_index, number)) != number:
            problems.append((number, "hand_index", f"is that of row {first}, too"))
    refuse(problems)
    return hands


def _odd(hand: HandRow, duration: float | None) -> Iterator[tuple[str, str]]:
    if hand.end_seconds <= hand.start_seconds:
        yield "end_seconds", "does not lie behind start_seconds"
    if duration is not None and hand.end_seconds > duration + _TOLERANCE:
        yield "end_seconds", f"the title has {duration:.0f} seconds"


def refuse(problems: list[tuple[int, str, str]]) -> None:
    """Raise `HandsInvalidError` where there are any: (row, field, what is wrong)."""
    if not problems:
        return
    row, field, said = problems[0]
    rows = len({row for row, _, _ in problems})
    counted = (
        "1 row cannot be stored, so none was" if rows == 1 else f"{rows} rows cannot be stored, so none was"
    )
    named = [{"row": row, "field": field, "problem": said} for row, field, said in problems[:_MOST_NAMED]]
    raise HandsInvalidError(f"{counted}: row {row}, {field}: {said}", details={"rows": named})
