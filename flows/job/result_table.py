"""Rows of the tables that show users the result of a run for each title."""

from __future__ import annotations

from catalog_models.values import format_bytes, format_duration

Row = dict[str, object]

COLUMNS = ("result", "title", "size", "time", "speed", "why")


def result_row(
    result: str, title: str, why: str, size: float | None = None, seconds: float | None = None
) -> Row:
    """Return a row: the result for a title and its reason; `size` in bytes."""
    shown_size = "" if size is None else format_bytes(size)
    shown_time = "" if seconds is None else _exactly(seconds)
    shown_speed = "" if size is None or seconds is None else speed(size, seconds)
    return dict(zip(COLUMNS, (result, title, shown_size, shown_time, shown_speed, why), strict=True))


def _exactly(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else format_duration(seconds)


def speed(size: float, seconds: float) -> str:
    """Return a speed for users, such as `187 MB/s`."""
    return f"{size / max(seconds, 0.001) / 1e6:,.0f} MB/s"
