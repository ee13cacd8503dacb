"""Titles from paths, without a database: of a stream of paths, or of one with an explanation."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from operator import attrgetter

import click

from deployments.terminal.text import printable
from tasks.titles import Title, explain_title, read_title

# The paths that a process reads at once.
_CHUNK = 500
_NAMES = tuple(Title.__dataclass_fields__)
_VALUES = attrgetter(*_NAMES)


def read_stream(null: bool) -> None:
    """Print a JSON object for each path on standard input, in their order."""
    paths = _paths(sys.stdin.buffer, b"\0" if null else b"\n")
    try:
        for chunk in _results(paths):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has closed the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _paths(stream: Iterable[bytes], end: bytes) -> Iterator[bytes]:
    if end == b"\n":
        yield from (line.removesuffix(end) for line in stream)
        return
    rest = b""
    # The stream yields lines, which are joined again if a path contains a line end.
    for block in stream:
        *whole, rest = (rest + block).split(end)
        yield from whole
    if rest:
        yield rest


def _results(paths: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines of JSON. The first chunk is read here, more of them by a process for each processor."""
    chunks = iter(lambda: list(islice(paths, _CHUNK)), [])
    first, second = next(chunks, []), next(chunks, [])
    yield _read(first)
    if not second:
        return
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers) as pool:
        waiting: deque[Future[bytes]] = deque([pool.submit(_read, second)])
        for chunk in chunks:
            waiting.append(pool.submit(_read, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _read(paths: list[bytes]) -> bytes:
    lines = [_line(read_title(path.decode("utf-8", "backslashreplace"))) for path in paths]
    return "".join(lines).encode("utf-8", "backslashreplace")


def _line(title: Title) -> str:
    return json.dumps(dict(zip(_NAMES, _VALUES(title), strict=True)), ensure_ascii=False) + "\n"


def explain_path(path: str, as_json: bool) -> None:
    """Print the title of a path, and which part of the path each rule read."""
    found = explain_title(path)
    if as_json:
        readings = [
            {"rule": reading.rule, "text": reading.text, "fields": reading.fields}
            for reading in found.readings
        ]
        fields = dict(zip(_NAMES, _VALUES(found.title), strict=True))
        click.echo(json.dumps({**fields, "readings": readings}, ensure_ascii=False))
        return
    title = found.title
    click.echo(printable(title.display_title or "not a video"))
    click.echo(f"rule {title.rule}, confidence {title.confidence:g}")
    width = max((len(reading.rule) for reading in found.readings), default=0)
    for reading in found.readings:
        values = ", ".join(
            f"{name} {_shown(value)}" for name, value in reading.fields.items() if value is not None
        )
        click.echo(
            f"  {reading.rule:<{width}}  {printable(reading.text.strip())!r}  →  {values or 'ignored'}"
        )
    if title.content_key:
        click.echo(f"files of one title share the key {printable(title.content_key)}")


def _shown(value: object) -> str:
    return printable(", ".join(str(part) for part in value) if isinstance(value, list | tuple) else value)
