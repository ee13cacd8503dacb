"""The benchmarks by name, in the order of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """A module whose `measure(archive)` returns results; `reads_archive`: it needs an archive."""

    module: str
    reads_archive: bool = False


BENCHMARKS = {
    "startup": Benchmark("benchmarks.startup"),
    "rescan": Benchmark("benchmarks.rescan", reads_archive=True),
    "ingest": Benchmark("benchmarks.ingest", reads_archive=True),
    "observed": Benchmark("benchmarks.observed", reads_archive=True),
    "scale": Benchmark("benchmarks.scale"),
    "titles": Benchmark("benchmarks.titles", reads_archive=True),
    "streaming": Benchmark("benchmarks.streaming"),
    "nginx": Benchmark("benchmarks.nginx"),
    "catalogue": Benchmark("benchmarks.catalogue"),
    "home": Benchmark("benchmarks.home_rows"),
    "promotion": Benchmark("benchmarks.promotion"),
    "buckets": Benchmark("benchmarks.buckets"),
}
