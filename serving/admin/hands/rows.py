"""Rows of hands from JSON or CSV. Either all rows are valid, or an error lists the invalid ones."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from serving.admin.hands.json_list import JsonListError, iterate_json_list
from serving.http.errors import ApiError

MOST_ROWS = 20_000
# A spreadsheet program may save empty lines below the table.
MOST_LINES = 5 * MOST_ROWS
# The csv module of Python holds the interpreter lock while it parses a line.
MOST_IN_LINE = 32 * 1024
MOST_CELLS = 20
# Twenty players of 300 characters fit.
MOST_IN_CELL = 10_000
# A hand may end this many seconds after its title, because editors round up.
_TOLERANCE = 1.0
# The most problems that a response lists, and the most characters of input that it quotes.
_MOST_NAMED, _MOST_QUOTED = 100, 80
# After this many problems, no more rows are checked: an invalid row takes more time than a valid one.
_MOST_BAD = 1_000


class HandsInvalidError(ApiError):
    """Some rows are invalid. The details list them, and nothing was stored."""

    status = 422
    code = "HANDS_INVALID"
    message = (
        "1 row is invalid, so nothing was stored: row 3, end_seconds: must be greater than start_seconds"
    )


def _split_names(value: object) -> object:
    """Split a cell of names separated by semicolons."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(";") if name.strip()] or None
    return value


def _seconds(value: object) -> object:
    """Convert a time such as `1:02:03.5` to seconds."""
    if isinstance(value, str) and ":" in value:
        parts = value.split(":")
        if len(parts) <= 3 and all(part.replace(".", "", 1).isdigit() and part.isascii() for part in parts):
            return sum(float(part) * 60**place for place, part in enumerate(reversed(parts)))
    return value


_WRITTEN = re.compile(r"[ \t]*[0-9]+(?:\.[0-9]*)?[ \t]*")


def _plain_number(value: object) -> object:
    """Accept numbers, and cells that contain only digits. Python also reads `1_000`, `1e3` and `true`."""
    if isinstance(value, bool) or (isinstance(value, str) and not _WRITTEN.fullmatch(value)):
        raise ValueError("is not a number")
    return value


Whole = Annotated[int, BeforeValidator(_plain_number)]
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Seconds = Annotated[
    float,
    BeforeValidator(_plain_number),
    # The last validator runs first: it converts a time to seconds.
    BeforeValidator(_seconds),
    Field(ge=0, le=1_000_000, allow_inf_nan=False),
]


class HandRow(BaseModel):
    """A hand. Times are seconds from the start of the title, or in the form `1:02:03`.

    In CSV, players are separated by semicolons.
    """

    model_config = ConfigDict(extra="forbid")

    hand_index: Whole = Field(ge=0, le=1_000_000)
    start_seconds: Seconds
    end_seconds: Seconds
    is_best: bool = False
    category: Text | None = None
    title: Text | None = None
    players: Annotated[Annotated[list[Text], Field(max_length=20)] | None, BeforeValidator(_split_names)] = (
        None
    )
    pot_size: Whole | None = Field(default=None, ge=0, le=2**53)


NumberedRows = list[tuple[int, Any]]
"""Rows as they were sent, each with its number, from 1."""


def read_json(body: bytes) -> NumberedRows:
    """Return the rows of a JSON list, or of the list `hands` of an object. Raises `HandsInvalidError`."""
    try:
        rows = enumerate(iterate_json_list(body, key="hands"), 1)
        numbered = list(_limited(rows))
    except JsonListError as error:
        raise HandsInvalidError(str(error)) from None
    refuse([(number, field, "is not a number") for number, row in numbered for field in _quoted_numbers(row)])
    return numbered


def _quoted_numbers(row: object) -> Iterator[str]:
    """Yield the fields of a JSON row that contain text instead of a number or boolean.

    `1:02:03` is a time.
    """
    if not isinstance(row, dict):
        return
    for field in ("hand_index", "pot_size", "is_best", "start_seconds", "end_seconds"):
        value = row.get(field)
        if isinstance(value, str) and (":" not in value or not field.endswith("_seconds")):
            yield field


def read_csv(body: bytes) -> NumberedRows:
    """Return the rows of a CSV table, without empty cells. Raises `HandsInvalidError`.

    The first line has the column names. The encoding is UTF-8, the delimiter a comma or semicolon.
    """
    try:
        text = body.decode("utf-8-sig")
        lines = csv.reader(_bounded_lines(text), delimiter=_delimiter(text), strict=True)
        names = _columns(next(lines, []))
        rows = ((number, _row(number, names, line)) for number, line in enumerate(lines, 2) if any(line))
        return list(_limited(rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise HandsInvalidError(f"the body is not CSV with a header line: {error}") from None


def _limited(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    yield from islice(rows, MOST_ROWS)
    if next(rows, None) is not None:
        raise HandsInvalidError(
            f"there are more than {MOST_ROWS:,} hands: send at most {MOST_ROWS:,} in one request"
        )


def _bounded_lines(text: str) -> Iterator[str]:
    """Yield the lines of a table, so that other threads can run between two lines."""
    if (count := text.count("\n")) > MOST_LINES:
        raise HandsInvalidError(
            f"the table has {count:,} lines; the limit is {MOST_LINES:,}: remove empty lines"
        )
    for number, line in enumerate(io.StringIO(text), 1):
        if len(line) > MOST_IN_LINE:
            raise HandsInvalidError(
                f"line {number} has {len(line):,} characters; the limit is {MOST_IN_LINE:,}"
            )
        yield line


def _columns(names: list[str]) -> list[str]:
    if not names:
        raise HandsInvalidError("the body is not CSV with a header line: its first line is empty")
    known = [name.strip() for name in names]
    if len(known) > MOST_CELLS:
        raise HandsInvalidError(
            f"the table has {len(known):,} columns; hands have {len(HandRow.model_fields)}"
        )
    if unknown := [name for name in known if name not in HandRow.model_fields]:
        raise HandsInvalidError(
            f"the column {_shortened(unknown[0])!r} is unknown; the columns are "
            f"{', '.join(HandRow.model_fields)}"
        )
    if twice := [name for name in known if known.count(name) > 1]:
        raise HandsInvalidError(f"the column {twice[0]!r} occurs twice")
    return known


def _shortened(text: str) -> str:
    """Return the part of the input that a message quotes."""
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


def _delimiter(text: str) -> str:
    return ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","


def _row(number: int, names: list[str], cells: list[str]) -> dict[str, Any]:
    """Return the cells of a line by column name.

    Cells beyond the last column are collected under one name.
    """
    if len(cells) > MOST_CELLS:
        raise HandsInvalidError(f"row {number} has {len(cells):,} cells; the limit is {MOST_CELLS}")
    columns = zip_longest(names, cells[: len(names)], fillvalue="")
    row = {name: cell for name, cell in columns if cell.strip()}
    beyond = [cell for cell in cells[len(names) :] if cell.strip()]
    return row | ({"cells beyond the last column": beyond} if beyond else {})


def check(rows: NumberedRows, duration: float | None) -> list[HandRow]:
    """Return the hands of a title with this duration in seconds (None: unknown).

    Raises `HandsInvalidError`, which lists the problems.
    """
    hands: list[HandRow] = []
    problems: list[tuple[int, str, str]] = []
    known: dict[int, int] = {}
    for number, row in rows:
        if len(problems) >= _MOST_BAD:
            break
        if excess := list(_oversized(row)):
            problems += [(number, *said) for said in excess]
            continue
        try:
            hands.append(HandRow.model_validate(row))
        except ValidationError as error:
            problems += [(number, *said) for said in _invalid(error)]
            continue
        problems += [(number, *said) for said in _inconsistencies(hands[-1], duration)]
        if (first := known.setdefault(hands[-1].hand_index, number)) != number:
            problems.append((number, "hand_index", f"is also used by row {first}"))
    refuse(problems)
    return hands


def _oversized(row: object) -> Iterator[tuple[str, str]]:
    """Yield the problems of a row that is too large to validate: each error of pydantic takes time."""
    if not isinstance(row, dict):
        return
    if len(row) > MOST_CELLS:
        yield "row", f"has {len(row):,} fields; a hand has {len(HandRow.model_fields)}"
        return
    for name, value in row.items():
        if isinstance(value, str) and len(value) > MOST_IN_CELL:
            yield _shortened(name), f"has {len(value):,} characters; the limit is {MOST_IN_CELL:,}"
        if isinstance(value, list) and len(value) > MOST_CELLS:
            yield _shortened(name), f"has {len(value):,} values; the limit is {MOST_CELLS}"


def _invalid(error: ValidationError) -> Iterator[tuple[str, str]]:
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        yield _shortened(str(one["loc"][0])) if one["loc"] else "row", one["msg"]


def _inconsistencies(hand: HandRow, duration: float | None) -> Iterator[tuple[str, str]]:
    if hand.end_seconds <= hand.start_seconds:
        yield "end_seconds", "must be greater than start_seconds"
    if duration is not None and hand.end_seconds > duration + _TOLERANCE:
        yield "end_seconds", f"exceeds the duration of the title, {duration:.0f} seconds"


def refuse(problems: list[tuple[int, str, str]]) -> None:
    """Raise `HandsInvalidError` if there are problems, given as (row, field, problem)."""
    if not problems:
        return
    row, field, said = problems[0]
    rows = len({row for row, _, _ in problems})
    counted = "1 row is" if rows == 1 else f"{rows} rows are"
    if len(problems) >= _MOST_BAD:
        counted = f"at least {counted}"
    counted += " invalid, so nothing was stored"
    named = [{"row": row, "field": field, "problem": said} for row, field, said in problems[:_MOST_NAMED]]
    raise HandsInvalidError(f"{counted}: row {row}, {field}: {said}", details={"rows": named})
