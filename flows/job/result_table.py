"""Rows of the tables that show people what a run did to each title."""

from __future__ import annotations

from catalog_models.values import lasting, sized

Row = dict[str, object]


def result_row(
    result: str, title: str, why: str, size: float | None = None, seconds: float | None = None
) -> Row:
    """Return a row: what was done to a title, of how many bytes, in how many seconds, and why."""
    return {
        "result": result,
        "title": title,
        "size": "" if size is None else sized(size),
        "time": "" if seconds is None else lasting(seconds),
        "speed": "" if size is None or seconds is None else speed(size, seconds),
        "why": why,
    }


def speed(size: float, seconds: float) -> str:
    """Return `187 MB/s`."""
    return f"{size / max(seconds, 0.001) / 1e6:,.0f} MB/s"
