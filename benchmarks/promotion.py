"""Promotion: an invented view log, replayed with our policy, LRU and LFU; and copies compared with `cp`."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import time
import uuid
from bisect import bisect
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.results import Result
from catalog_models.reads.popularity import Popularity
from tasks.media.folders import publish
from tasks.promotion.file_copy import copy_file
from tasks.promotion.policy import HOT_DAYS, HOT_VIEWS, Copy, make_plan

TITLES, DAYS, VIEWS_A_DAY = 10_000, 60, 2_000
# The share of all bytes.
_BUDGET = 0.03
# Promotions per day: every five minutes.
_PLANNED = 288
# Bytes.
_COPIED = 1 << 30
_ROUNDS = 5
_START = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class View:
    """A view: its time in seconds, and the bytes that it reads."""

    at: float
    title: int
    sent: int


def measure(_archive: Path) -> list[Result]:
    """Compare the shares of views and bytes that the SSD sends within the same budget, and copy speeds."""
    sizes = _sizes()
    log, budget = list(_log(sizes)), int(sum(sizes) * _BUDGET)
    # The first third fills the cache.
    warm = DAYS * 86_400 // 3
    ours = _promoted(log, sizes, budget, warm)
    lru = _lru(log, sizes, budget, warm)
    lfu = _lfu(log, sizes, budget, warm)
    found = []
    for place, what in enumerate(("views", "bytes")):
        for name, other in (("LRU", lru), ("LFU", lfu)):
            line = f"share of {what} sent from the SSD, beside plain {name}"
            found.append(Result(line, 100 * ours[place], 100 * other[place], "%", None))
    found.append(Result("bytes copied to the SSD per byte that it sent", ours[2], None, "", None))
    found.append(Result("the same with plain LRU", lru[2], None, "", None))
    return [*found, _copying()]


def _sizes() -> list[int]:
    chance = random.Random(1973)  # noqa: S311 - no secret
    return [int(min(chance.lognormvariate(21.5, 1.2), 60e9)) for _ in range(TITLES)]


def _log(sizes: list[int]) -> Iterator[View]:
    """Yield views: few titles have most of them (Zipf), new titles have more, and most views are short."""
    chance = random.Random(2031)  # noqa: S311
    order = list(range(TITLES))
    chance.shuffle(order)
    weights = list(accumulate(1 / (rank + 3) for rank in range(TITLES)))
    fresh: deque[int] = deque(order[-30:], maxlen=30)
    for number in range(DAYS * VIEWS_A_DAY):
        at = number * 86_400 / VIEWS_A_DAY
        if number % VIEWS_A_DAY == 0:
            fresh.append(chance.choice(order))
        title = (
            chance.choice(fresh)
            if chance.random() < 0.25
            else order[bisect(weights, chance.random() * weights[-1])]
        )
        yield View(at, title, int(sizes[title] * min(1.0, chance.betavariate(0.6, 0.9) + 0.02)))


Score = tuple[float, float, float]
"""The shares of views and bytes that the SSD sent, and the bytes copied to it per byte sent."""


class _Count:
    def __init__(self, warm: float) -> None:
        self._warm, self._seen, self._hits, self._asked, self._sent, self._copied = warm, 0, 0, 0, 0, 0

    def view(self, view: View, *, hit: bool) -> None:
        if view.at >= self._warm:
            self._seen += 1
            self._asked += view.sent
            self._hits += hit
            self._sent += view.sent * hit

    def copy(self, at: float, size: int) -> None:
        self._copied += size * (at >= self._warm)

    def score(self) -> Score:
        return self._hits / self._seen, self._sent / self._asked, self._copied / max(1, self._sent)


def _promoted(log: list[View], sizes: list[int], budget: int, warm: float) -> Score:
    """Replay our policy: plan when a view makes a title hot, and every five minutes."""
    count, held, used_at = _Count(warm), set[int](), dict[int, float]()
    recent: deque[View] = deque()
    views, sent = Counter[int](), Counter[int]()
    waiting, next_plan = set[int](), 0.0
    ids = [uuid.UUID(int=number + 1) for number in range(TITLES)]

    def popularity(title: int) -> Popularity:
        return Popularity(ids[title], ids[title], "", sizes[title], views[title], sent[title])

    for view in log:
        while recent and recent[0].at < view.at - HOT_DAYS * 86_400:
            old = recent.popleft()
            views[old.title] -= 1
            sent[old.title] -= old.sent
        if view.at >= next_plan and waiting:
            next_plan = view.at + 86_400 / _PLANNED
            copies = [
                Copy(
                    ids[title],
                    "",
                    sizes[title],
                    _START + dt.timedelta(seconds=used_at[title]),
                    False,
                    popularity(title).kept_off,
                )
                for title in held
            ]
            plan = make_plan(
                [popularity(title) for title in waiting if views[title] >= HOT_VIEWS], copies, budget
            )
            held -= {one.id.int - 1 for one in plan.evict}
            for one in plan.copy:
                held.add(one.id.int - 1)
                used_at[one.id.int - 1] = view.at
                count.copy(view.at, one.size)
            waiting -= held
        count.view(view, hit=view.title in held)
        recent.append(view)
        views[view.title] += 1
        sent[view.title] += view.sent
        used_at[view.title] = view.at
        if view.title not in held and views[view.title] >= HOT_VIEWS:
            waiting.add(view.title)
    return count.score()


def _lru(log: list[View], sizes: list[int], budget: int, warm: float) -> Score:
    """Replay LRU: copy every viewed title, and evict the least recently used."""
    count, held, full = _Count(warm), OrderedDict[int, int](), 0
    for view in log:
        count.view(view, hit=view.title in held)
        if view.title in held:
            held.move_to_end(view.title)
        elif sizes[view.title] <= budget:
            held[view.title] = sizes[view.title]
            full += sizes[view.title]
            count.copy(view.at, sizes[view.title])
            while full > budget:
                full -= held.popitem(last=False)[1]
    return count.score()


def _lfu(log: list[View], sizes: list[int], budget: int, warm: float) -> Score:
    """Replay LFU: copy a viewed title if titles with fewer views can be evicted for it."""
    count, held, full, views = _Count(warm), set[int](), 0, Counter[int]()
    for view in log:
        count.view(view, hit=view.title in held)
        views[view.title] += 1
        if view.title in held or sizes[view.title] > budget:
            continue
        while full + sizes[view.title] > budget:
            least = min(held, key=lambda title: views[title])
            if views[least] >= views[view.title]:
                break
            held.discard(least)
            full -= sizes[least]
        else:
            held.add(view.title)
            full += sizes[view.title]
            count.copy(view.at, sizes[view.title])
    return count.score()


def _copying() -> Result:
    """Compare medians of rounds; `sync` follows `cp`, because our copy is on the disk when it returns."""
    with TemporaryDirectory(dir=".") as name:
        folder = Path(name).resolve()
        source = folder / "source"
        with source.open("wb") as file:
            for _ in range(_COPIED >> 20):
                file.write(os.urandom(1 << 20))
        ours, theirs = [], []
        for number in range(_ROUNDS):
            target = folder / f"{number}"
            ours.append(_timed(_copy, source, target))
            target.unlink()
            command = ["sh", "-c", 'cp "$1" "$2" && sync "$2"', "cp", str(source), str(target)]
            theirs.append(_timed(subprocess.check_call, command))
            target.unlink()
    return Result(
        "a verified copy of 1 GiB, synced, beside `cp` and `sync`",
        median(ours),
        median(theirs),
        "s",
        1 / 0.9,
    )


def _copy(source: Path, target: Path) -> None:
    seen = source.stat()
    copy_file(os.fsencode(source), seen.st_size, seen.st_mtime_ns, target, lambda _: None)
    publish(target)


def _timed(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began
