"""An ingest of 100,000 files with Prefect, compared with ten times one of 10,000, on a simulated medium.

The files are real, sparse and walked as usual. Only the processes that open them are simulated: each file
takes a millisecond and has its own facts and pictures. So the benchmark measures the catalogue, not the
medium.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.home import BenchHome, bench_home
from benchmarks.memory import PeakMemory, of_this_process
from benchmarks.results import Result
from catalog_models.values import (
    AudioFacts,
    Fingerprint,
    Inspection,
    MediaFacts,
    Moov,
    Picture,
    Playability,
    Verdict,
    VideoFacts,
)
from deployments.prefect.command_runs import prefect_in_use, run_as_flow
from deployments.stack import prefect_auth, use_prefect
from flows.ingest.visit import PictureTarget, Visit, make_pictures, visit
from flows.job.context import JobContext
from tasks.media.pool import MediaPool, Outcome
from tasks.media.retries import with_retries

FEW, MANY = 10_000, 100_000
_MEDIUM_SECONDS = 0.001
_FOLDER_FILES = 500
_VIDEO = VideoFacts("h264", "High", "yuv420p", 1280, 720, frame_rate=29.97)
_SOUND = (AudioFacts("aac", 2, 48_000),)


def measure(_archive: Path) -> list[Result]:
    """Ingest a small and then a large archive in one home."""
    with (
        bench_home("scale") as home,
        use_prefect(home.settings, "benchmark"),
        TemporaryDirectory(prefix="wsoptv-bench-archive-") as folder,
        prefect_in_use(home.settings, "benchmark") as page,
    ):
        few = _run(home, _make_archive(Path(folder, "few"), FEW))
        with PeakMemory(of_this_process, 0.5) as memory:
            many = _run(home, _make_archive(Path(folder, "many"), MANY))
        runs, graph = _graph(home, page)
    return [
        Result(
            f"ingest of {MANY:,} files through Prefect, beside 10 × that of {FEW:,}", many, 10 * few, "s", 1.2
        ),
        Result("task runs of it", runs, None, "", 1_200),
        Result("memory of the flow's process during it", memory.peak, None, "MB", 300),
        Result("the graph of the run, as its page asks for it", graph, None, "s", None),
    ]


def _make_archive(folder: Path, files: int) -> Path:
    """Create sparse files, two for each title: a master and a playable file."""
    for number in range(files):
        year, event = 1973 + number // _FOLDER_FILES % 50, number // 2
        place = folder / f"WSOP {year}" / f"Box {number // _FOLDER_FILES}"
        if number % _FOLDER_FILES == 0:
            place.mkdir(parents=True)
        ending = ("mov", "mp4")[number % 2]
        with (place / f"WSOP {year} Event {event} Final Table.{ending}").open("wb") as file:
            file.truncate(1_000_000 + number)
    return folder


def _run(home: BenchHome, archive: Path) -> float:
    from flows.ingest_archive import ingest_archive

    with SimulatedPool(1) as pool:
        context = JobContext(home.settings, home.transactions, pool)
        summary: Any = run_as_flow(
            ingest_archive, context, _without_prefect, {"root": str(archive), "settle": 0.0}
        )
    assert summary.failed == 0
    return float(summary.seconds)


def _without_prefect() -> Any:
    raise RuntimeError("the Prefect server stopped")


class SimulatedPool(MediaPool):
    """A pool that opens no file. Threads may share it."""

    def run(
        self,
        function: Callable[..., Any],
        calls: Iterable[tuple[Any, tuple[Any, ...]]],
        deadline: float,
        give_up: Callable[[Any], Exception | None] = lambda _item: None,
    ) -> Iterator[Outcome[Any, Any]]:
        for item, arguments in calls:
            time.sleep(_MEDIUM_SECONDS)
            # The first function retries; a plain call belongs to a scan.
            opened = arguments if function is with_retries else (function, *arguments)
            yield Outcome(item, value=_opened(*opened))


def _opened(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of opening a file: with its facts, or only its pictures."""
    if function is visit:
        return _visit(*arguments)
    if function is make_pictures:
        return _pictures(arguments[3])
    return function(*arguments)


def _visit(path: bytes, size: int, _mtime_ns: int, target: PictureTarget | None) -> Visit:
    facts = MediaFacts("mp4", 60.0 + size % 600, size // 60, _VIDEO, _SOUND, (), Moov.FIRST, decodes=True)
    digest = Fingerprint(size, blake2b(path, digest_size=16).digest())
    inspection = Inspection(digest, facts, Verdict(Playability.DIRECT, ()))
    return Visit(inspection, _pictures(target) if target else ())


def _pictures(target: PictureTarget) -> tuple[Picture, ...]:
    names = {
        "poster": "poster.jpg",
        "preview": "preview.webp",
        "storyboard": "storyboard-1.webp",
        "storyboard_index": "storyboard.vtt",
    }
    for name in names.values():
        path = target.folder / f"{target.name}.{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tuple(Picture(kind, f"{target.name}.{name}", 640, 360, 1) for kind, name in names.items())


def _graph(home: BenchHome, page: str) -> tuple[int, float]:
    """Return the number of task runs of the latest flow run, and the seconds of its graph."""
    auth = httpx.BasicAuth(*(prefect_auth(home.settings) or ":").split(":", 1))
    with httpx.Client(base_url=f"{page}/api", auth=auth, timeout=60) as client:
        run = client.post("/flow_runs/filter", json={"sort": "START_TIME_DESC"}).json()[0]
        began = time.perf_counter()
        nodes = client.get(f"/flow_runs/{run['id']}/graph-v2").raise_for_status().json()["nodes"]
        return len(nodes), time.perf_counter() - began
