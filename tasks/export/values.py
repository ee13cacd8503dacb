"""Rows as JSON, and back, by the types of their columns. Pure."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, Uuid


class InvalidRowError(ValueError):
    """A line holds what its table does not take."""


def written(columns: Iterable[Column[Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON: bytes as hexadecimal digits, times by ISO 8601, keys as text."""
    return {column.name: _to_json(row[column.name]) for column in columns}


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def read(columns: Mapping[str, Column[Any]], line: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a line; what begins with an underscore was written for other readers. Raises `InvalidRowError`."""
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
    """Those that are written: all that are neither computed, nor given by the database, nor `forgotten`."""
    left_out = set(forgotten)
    return [
        column
        for column in table.columns
        if column.computed is None and column.identity is None and column.name not in left_out
    ]
