"""Measure the figures of benchmarks/README.md: `python -m benchmarks [NAME …] [--archive DIR] [--record]`.

Most are ratios of two things measured in the same run, because machines are shared and differ.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from benchmarks import records
from benchmarks.archive import make_archive
from benchmarks.isolation import BenchmarkFailedError, measure_isolated
from benchmarks.records import Record
from benchmarks.registry import BENCHMARKS
from benchmarks.results import NotMeasurableError
from deployments.signals import EXIT_CODE, Terminated, unwind_on_sigterm

_MINUTES = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, or all; return the exit code, 1 if one of them failed."""
    options = _options(arguments)
    if options.table:
        records.store(records.load())
        return 0
    unwind_on_sigterm()
    made = _lazily(options.archive)
    failed = []
    for name in options.names or BENCHMARKS:
        try:
            rows = _measure(name, made, options.minutes)
        except NotMeasurableError as reason:
            _say(f"{name}: skipped: {reason}")
        except BenchmarkFailedError as error:
            _say(f"{name}: failed: {error}")
            failed.append(name)
        else:
            for row in rows:
                print(f"| {' | '.join(row.result.cells())} |", flush=True)
            if options.record:
                records.store(records.load() | {name: rows})
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default"
    )
    parser.add_argument(
        "--archive", type=Path, help="a real archive to read; by default 1,000 small files are created"
    )
    parser.add_argument(
        "--record", action="store_true", help="store the results, and write the table of the README again"
    )
    parser.add_argument(
        "--table", action="store_true", help="only write the table again from the stored results"
    )
    parser.add_argument(
        "--minutes", type=float, default=_MINUTES, help=f"the most for each benchmark; default {_MINUTES:g}"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark named {', '.join(sorted(unknown))}")
    if options.archive is not None and not options.archive.is_dir():
        parser.error(f"{options.archive} is not a folder")
    return options


def _lazily(archive: Path | None) -> Callable[[], Path]:
    """Return a function that returns the archive; its first call creates one if none is given."""

    @cache
    def made() -> Path:
        return (archive or make_archive(Path(tempfile.gettempdir()) / "wsoptv-bench-archive")).absolute()

    return made


def _measure(name: str, made: Callable[[], Path], minutes: float) -> list[Record]:
    benchmark = BENCHMARKS[name]
    archive = made() if benchmark.reads_archive else None
    results = measure_isolated(benchmark.module, archive or Path(), 60 * minutes)
    today, machine = dt.datetime.now().astimezone().date().isoformat(), records.machine_line(archive)
    return [Record(result, today, machine) for result in results]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Terminated:
        sys.exit(EXIT_CODE)
    except KeyboardInterrupt:
        sys.exit(130)
