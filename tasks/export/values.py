"""Convert rows to JSON and back, by the types of their columns. Pure."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, Uuid


class InvalidRowError(ValueError):
    """A line has a value that its table does not accept."""


def written(columns: Iterable[Column[Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row for JSON: bytes as hexadecimal digits, times in ISO 8601, keys as text."""
    return {column.name: _to_json(row[column.name]) for column in columns}


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def read(columns: Mapping[str, Column[Any]], line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a line. Names that begin with an underscore are ignored. Raise `InvalidRowError`."""
    row = {}
    for name, value in line.items():
        if name.startswith("_"):
            continue
        if name not in columns:
            raise InvalidRowError(f"there is no column {name}")
        try:
            row[name] = _from_json(columns[name], value)
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidRowError(f"{name} is {value!r}: {error}") from error
    return row


def _from_json(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case LargeBinary():
            return bytes.fromhex(value)
        case DateTime():
            return dt.datetime.fromisoformat(value)
        case Date():
            return dt.date.fromisoformat(value)
        case Uuid():
            return uuid.UUID(value)
    return value


def kept_columns(table: Table, forgotten: Iterable[str] = ()) -> list[Column[Any]]:
    """Return the columns to write: those not computed, not set by the database, and not `forgotten`."""
    left_out = set(forgotten)
    return [
        column
        for column in table.columns
        if column.computed is None and column.identity is None and column.name not in left_out
    ]
