"""Measure the claims of the README: `python -m benchmarks [NAME …] [--archive DIR]`.

Every claim is a ratio of two things measured in this one run, for machines are shared and differ.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    buckets,
    catalogue,
    home_rows,
    ingest,
    nginx,
    observed,
    promotion,
    rescan,
    startup,
    streaming,
    titles,
)
from benchmarks.archive import make_archive
from benchmarks.results import Result

_ALL: dict[str, Callable[[Path], list[Result]]] = {
    "startup": startup.measure,
    "rescan": rescan.measure,
    "ingest": ingest.measure,
    "observed": observed.measure,
    "titles": titles.measure,
    "streaming": streaming.measure,
    "nginx": nginx.measure,
    "catalogue": catalogue.measure,
    "home": home_rows.measure,
    "promotion": promotion.measure,
    "buckets": buckets.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_ALL)}; all by default")
    parser.add_argument(
        "--archive", type=Path, help="a real archive to read; by default 1,000 small files are made"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(_ALL):
        parser.error(f"there is no benchmark named {', '.join(sorted(unknown))}")
    archive = options.archive or make_archive(Path(tempfile.gettempdir()) / "wsoptv-bench-archive")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; archive {archive.name}\n"
    )
    print("| what | measured | beside | ratio | claim |\n| --- | --- | --- | --- | --- |")
    for name, measure in _ALL.items():
        if not options.names or name in options.names:
            for result in measure(archive.absolute()):
                print(result.row(), flush=True)


if __name__ == "__main__":
    main()
