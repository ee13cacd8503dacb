"""Output of commands: a table for people, one JSON object on one line for programs."""

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


def emit(answer: T, as_json: bool, show: Callable[[T], None]) -> None:
    """Print a dataclass: as JSON, or as `show` shows it to people."""
    if as_json:
        import dataclasses

        click.echo(one_line(dataclasses.asdict(answer)))
    else:
        show(answer)


def one_line(answer: Any) -> str:
    """Return JSON on one line; command-line bytes that are not UTF-8 appear as `\\xff`."""
    import json

    line = json.dumps(answer, ensure_ascii=False, default=_written)
    # The backslash is JSON's own here, and doubled.
    return encodable(re.sub("[\udc80-\udcff]", lambda byte: rf"\\x{ord(byte[0]) & 0xFF:02x}", line))


def _written(value: Any) -> str:
    import datetime as dt

    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
