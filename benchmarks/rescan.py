"""A rescan of an unchanged archive, compared with a bare loop of `scandir` and `stat`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.home import bench_home
from benchmarks.results import Result, best_of
from catalog_models.scope import Scope
from catalog_models.values import ScannedFile, Walk
from catalog_models.writes import media_files, roots
from flows.ingest.known_files import known_files
from flows.ingest.scan import Scanner, ScanOptions
from flows.job.context import JobContext
from orchestration.transactions import Transaction, Transactions
from tasks.media.pool import MediaPool
from tasks.scan import compare


def measure(archive: Path) -> list[Result]:
    """Scan the archive again; then compare 10,000 and 100,000 known files."""
    with bench_home("rescan") as home, MediaPool(1) as pool:
        folder = os.fsencode(archive)
        options = ScanOptions(settle=0)

        def scan() -> None:
            Scanner(folder, options, JobContext(home.settings, home.transactions, pool)).scan()

        scan()
        ours, bare = best_of(5, scan), best_of(5, lambda: _bare(folder))
        few, many = (_known_files(home.transactions, count) for count in (10_000, 100_000))
    return [
        Result("rescan of the unchanged archive, beside scandir + stat", ours, bare, "s", 20),
        Result("comparison of 100,000 known files, beside 10 × that of 10,000", many, 10 * few, "s", 1.5),
    ]


def _bare(folder: bytes) -> None:
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(os.fsencode(entry.path))
                else:
                    entry.stat(follow_symlinks=False)


def _known_files(transactions: Transactions, count: int) -> float:
    """Return the seconds to load and compare `count` files of a root, without disk access."""
    files = tuple(ScannedFile(b"%05d/%d.mp4" % (n % 500, n), n, n, 0) for n in range(count))

    def lay(transaction: Transaction) -> Scope:
        root, _below = roots.find_or_create(transaction.session, b"/nowhere/%d" % count)
        media_files.add(transaction.session, root.id, files)
        return Scope(root.id)

    scope = transactions.run(lay)

    def load(transaction: Transaction) -> None:
        known = known_files(transaction.session, scope, ())
        assert len(compare(Walk(files, 0), known, time.time_ns(), 10).unchanged) == count

    return best_of(3, lambda: transactions.run(load))
