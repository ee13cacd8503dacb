"""`wsoptv titles`: seconds to read 20,000 titles from paths."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.results import Result, best_of

_WSOPTV = str(Path(sys.executable).with_name("wsoptv"))
_PATHS = 20_000


def measure(archive: Path) -> list[Result]:
    """Read the paths of the archive, repeated until there are 20,000."""
    found = [
        os.fsencode(os.path.relpath(os.path.join(folder, name), archive))
        for folder, _folders, names in os.walk(archive)
        for name in names
        if not name.startswith(".")
    ]
    given = b"".join(path + b"\0" for path in itertools.islice(itertools.cycle(found), _PATHS))

    def read() -> None:
        subprocess.run([_WSOPTV, "titles", "-0"], input=given, capture_output=True, check=True)

    return [
        Result(f"`wsoptv titles` of {_PATHS:,} paths, including its start", best_of(3, read), None, "s", 1)
    ]
