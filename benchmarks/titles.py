"""`wsoptv titles`: the time to read 20,000 paths, and the share of invented names that is read wrong."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.results import Result, best_of_both
from benchmarks.title_accuracy import NAMES, accuracy, read_all, reliability

_WSOPTV = str(Path(sys.executable).with_name("wsoptv"))
_PATHS = 20_000

# Parses and writes the printed lines, ten times: work of the same kind in one process.
_JSON = """
import json, sys
lines = sys.stdin.buffer.read().splitlines()
for _ in range(10):
    text = "\\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in lines)
"""


def measure(archive: Path) -> list[Result]:
    """Read the paths of the archive, repeated until there are 20,000; then the invented names."""
    return [_speed(archive), *_errors()]


def _speed(archive: Path) -> Result:
    found = [
        os.fsencode(os.path.relpath(os.path.join(folder, name), archive))
        for folder, _folders, names in os.walk(archive)
        for name in names
        if not name.startswith(".")
    ]
    given = b"".join(path + b"\0" for path in itertools.islice(itertools.cycle(found), _PATHS))
    lines = _run([_WSOPTV, "titles", "-0"], given)
    ours, theirs = best_of_both(
        3,
        lambda: _run([_WSOPTV, "titles", "-0"], given),
        lambda: _run([sys.executable, "-c", _JSON], lines),
    )
    return Result(
        f"`wsoptv titles` of {_PATHS:,} paths, beside parsing and writing its output ten times",
        ours,
        theirs,
        "s",
        _RATIO,
    )


# Both run twice as long on a busy machine as on an idle one; on two idle processors ours takes about 1 s.
_RATIO = 1


def _run(command: list[str], given: bytes) -> bytes:
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def _errors() -> list[Result]:
    every = [reading for name in NAMES for reading in read_all(name)]
    held_out = accuracy(read_all("held_out"))
    certain = [reading for reading in every if reading.title.confidence > 0.9]
    (highest,) = reliability(certain)
    return [
        Result("fields read wrong, of held-out names", 100 * (1 - held_out.fields), None, "%", 3),
        Result("titles read wrong, of held-out names", 100 * (1 - held_out.titles), None, "%", 8),
        Result("held-out names with a flaw", 100 * (1 - held_out.flawless), None, "%", 12),
        Result("wrong values with a confidence over 0.9", 100 * (1 - highest.right), None, "%", 1),
    ]
