"""Output of commands: text for people, or a JSON object on one line for programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deployments.terminal.text import encodable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on the last line, for programs."
)


def emit(result: T, as_json: bool, show: Callable[[T], None]) -> None:
    """Print a dataclass: as JSON, or as `show` shows it to people."""
    if as_json:
        import dataclasses

        click.echo(one_line(dataclasses.asdict(result)))
    else:
        show(result)


def one_line(value: Any) -> str:
    """Return JSON on one line; bytes that are not UTF-8 appear as `\\xff`."""
    import json

    line = json.dumps(value, ensure_ascii=False, default=_as_json)
    # In JSON a backslash is doubled.
    return encodable(re.sub("[\udc80-\udcff]", lambda byte: rf"\\x{ord(byte[0]) & 0xFF:02x}", line))


def _as_json(value: Any) -> str:
    import datetime as dt

    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
