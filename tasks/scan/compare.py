"""What a walk says about the files that are known: unchanged, changed, new, pending, moved, missing.

Pure: values in, values out. A file's path is not its identity (its content is), so a new path that shows the
fingerprint of a file that is gone from its old one is that file, moved.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from catalog_models.errors import LossRefusedError
from catalog_models.folders import PathLine, listed, sum_up_folders
from catalog_models.values import ScannedFile, Walk, text_of

_CLOCK_SKEW_NS = 300 * 10**9  # a NAS whose clock is ahead of ours by less still counts as writing now

# More than both of these gone at once is no editor's work but a disk that is not there (DESIGN, law 10).
_PLAUSIBLE_SHARE, _PLAUSIBLE_COUNT = 0.05, 20

_MOST_NAMED = 10  # folders and files in a refusal


class ImplausibleScanError(LossRefusedError):
    """So much is gone that the storage is the likelier culprit; nothing was changed."""

    code = "implausible"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as the catalogue remembers it.

    `forgotten`: it is missing, and a person forgot it. `elsewhere`: not of the scope, known here only as a possible origin of moves; `lost_root` is then its root, when that
    cannot be found where it was.
    """

    id: uuid.UUID
    path: bytes
    size: int
    mtime_ns: int
    fingerprint: bytes | None
    missing: bool
    elsewhere: bool = False
    lost_root: uuid.UUID | None = None
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A known file that was met at another path."""

    file: KnownFile
    to: ScannedFile


Pair = tuple[KnownFile, ScannedFile]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference between a walk and what was known. Each video of the walk is in one of the first five.

    `missing` holds all that is known and was not met. `unsettled` are the known ones among the pending; `origins`
    the files whose content is no longer where it was.
    """

    new: tuple[ScannedFile, ...] = ()
    changed: tuple[Pair, ...] = ()
    moved: tuple[Move, ...] = ()
    unchanged: tuple[KnownFile, ...] = ()
    pending: tuple[ScannedFile, ...] = ()
    missing: tuple[KnownFile, ...] = ()
    unsettled: tuple[Pair, ...] = ()
    origins: tuple[KnownFile, ...] = ()

    @property
    def candidates(self) -> tuple[ScannedFile, ...]:
        """What might be a moved file: its size is that of a file whose content is no longer where it was."""
        sizes = {file.size for file in self.origins if file.fingerprint is not None}
        arrivals = (*self.new, *self.pending, *(found for _known, found in self.changed))
        return tuple(found for found in arrivals if found.size in sizes)


def compare(
    walk: Walk,
    known: Iterable[KnownFile],
    now_ns: int,
    settle_seconds: float,
    out_of_sight: Callable[[bytes], bool] = lambda _path: False,
) -> Comparison:
    """Compare by path, size and mtime alone; `pair_moves` then looks into the few files that may have moved.

    `out_of_sight` tells the paths that this walk could not or should not see: they are neither met nor missing.
    """
    present, absent, elsewhere = _split(known)
    new: list[ScannedFile] = []
    pending: list[ScannedFile] = []
    changed: list[Pair] = []
    unsettled: list[Pair] = []
    unchanged: list[KnownFile] = []
    for found in walk.videos:
        file = present.pop(found.path, None)
        back = absent.get(found.path) if file is None else None
        if (same := file or back) and (same.size, same.mtime_ns) == (found.size, found.mtime_ns):
            unchanged.append(same)
            if file is None:
                del absent[found.path]
        elif _is_young(found, now_ns, settle_seconds):
            pending.append(found)
            unsettled += [(file, found)] if file else []
        elif file is not None:
            changed.append((file, found))
        else:
            new.append(found)
    missing = [file for file in (*present.values(), *absent.values()) if not out_of_sight(file.path)]
    origins = (*missing, *elsewhere, *(file for file, _found in (*changed, *unsettled)))
    return Comparison(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        pending=tuple(pending),
        missing=tuple(missing),
        unsettled=tuple(unsettled),
        origins=origins,
    )


def _split(
    known: Iterable[KnownFile],
) -> tuple[dict[bytes, KnownFile], dict[bytes, KnownFile], list[KnownFile]]:
    """The present by path, the missing by path (the last one that had it), and those of other roots."""
    present: dict[bytes, KnownFile] = {}
    absent: dict[bytes, KnownFile] = {}
    elsewhere: list[KnownFile] = []
    for file in known:
        if file.elsewhere or (file.missing and file.path in absent):
            elsewhere.append(file)  # only ever an origin of moves
        else:
            (absent if file.missing else present)[file.path] = file
    return present, absent, elsewhere


def _is_young(found: ScannedFile, now_ns: int, settle_seconds: float) -> bool:
    """Whether somebody may still be writing: mtime or ctime lies within the last `settle_seconds`."""
    if settle_seconds <= 0:
        return False
    return any(
        -_CLOCK_SKEW_NS <= now_ns - time < settle_seconds * 10**9 for time in (found.mtime_ns, found.ctime_ns)
    )


def pair_moves(difference: Comparison, fingerprints: Mapping[bytes, bytes | None]) -> Comparison:
    """Recognise the moved among the arrivals; `fingerprints` maps the candidates' paths to what their content is.

    Among several of the same content the one with the most alike path is taken; empty files, whose content says
    nothing, need the same name. An arrival that could not be read (None) may be a file that is gone from its path:
    neither is decided now.
    """
    origins: dict[tuple[int, bytes], list[KnownFile]] = defaultdict(list)
    for file in difference.origins:
        if file.fingerprint is not None:
            origins[file.size, file.fingerprint].append(file)
    possible = [
        (_likeness(file.path, found.path), file, found)
        for found in difference.candidates
        if found.path in fingerprints
        for file in origins.get((found.size, fingerprints[found.path] or b""), ())
        if found.size or _likeness(file.path, found.path)[0]
    ]
    possible.sort(key=lambda pair: pair[0], reverse=True)
    taken: dict[uuid.UUID, Move] = {}
    arrived: set[bytes] = set()
    for _alike, file, found in possible:
        if file.id not in taken and found.path not in arrived:
            taken[file.id] = Move(file, found)
            arrived.add(found.path)
    return _hold_back(_settle(difference, taken, arrived), fingerprints)


def _hold_back(difference: Comparison, fingerprints: Mapping[bytes, bytes | None]) -> Comparison:
    """Leave what could not be read, and what it may have been, for the next run."""
    unread = [found for found in difference.new if fingerprints.get(found.path, b"") is None]
    if not unread:
        return difference
    paths, sizes = {found.path for found in unread}, {found.size for found in unread}
    return replace(
        difference,
        new=tuple(found for found in difference.new if found.path not in paths),
        pending=(*difference.pending, *unread),
        missing=tuple(file for file in difference.missing if file.missing or file.size not in sizes),
    )


def unmounted(known: Iterable[KnownFile], moved: Iterable[Move]) -> set[uuid.UUID]:
    """The lost roots of whose files no more than half were met: their storage is away, they were not moved."""
    had = Counter(file.lost_root for file in known if file.lost_root)
    came = Counter(move.file.lost_root for move in moved if move.file.lost_root)
    return {root for root, count in had.items() if root and came[root] * 2 <= count}


def _settle(difference: Comparison, taken: Mapping[uuid.UUID, Move], arrived: set[bytes]) -> Comparison:
    """Take the moves out of the other lists. A path whose file went elsewhere holds a new one; a file whose path was
    taken by another is missing; one that was only touched stays where it is."""
    touched = {
        move.to.path
        for move in taken.values()
        if move.file.path == move.to.path and not (move.file.missing or move.file.elsewhere)
    }
    moved = tuple(move for move in taken.values() if move.to.path not in touched)
    gone = {move.file.id for move in moved}
    arrived = arrived - touched
    left = [found for file, found in difference.changed if file.id in gone and found.path not in arrived]
    overwritten = [
        file
        for file, found in (*difference.changed, *difference.unsettled)
        if file.id not in gone and found.path in arrived
    ]
    return replace(
        difference,
        new=tuple(found for found in (*difference.new, *left) if found.path not in arrived),
        pending=tuple(found for found in difference.pending if found.path not in arrived),
        changed=tuple(
            (file, found)
            for file, found in difference.changed
            if file.id not in gone and found.path not in arrived
        ),
        moved=moved,
        missing=tuple(file for file in (*difference.missing, *overwritten) if file.id not in gone),
    )


def _likeness(old: bytes, new: bytes) -> tuple[int, bytes, bytes]:
    """How many components two paths share, counted from the file's name upwards; the paths make the order total."""
    shared = 0
    for one, other in zip(reversed(old.split(b"/")), reversed(new.split(b"/")), strict=False):
        if one != other:
            break
        shared += 1
    return shared, old, new


def is_plausible_loss(gone: int, known: int) -> bool:
    """Whether so many of the known files may be gone without a doubt about the storage (DESIGN, law 10)."""
    return gone <= _PLAUSIBLE_COUNT or gone <= known * _PLAUSIBLE_SHARE


def refuse_implausible(difference: Comparison, known: int, root: str) -> None:
    """Raise `ImplausibleScanError` when more is missing than people delete: `known` counts the present files before."""
    gone = sum(not file.missing for file in difference.missing)
    met = len(difference.unchanged) + len(difference.changed) + len(difference.moved)
    found = met + len(difference.new) + len(difference.pending)
    if gone and not found:
        raise ImplausibleScanError(
            f"{root} holds no video, but {known:,} of its files are known: is the archive mounted?"
        )
    if not is_plausible_loss(gone, known):
        raise ImplausibleScanError(
            f"{gone:,} of the {known:,} known files below {root} are gone, more than people delete at once: "
            f"{'; '.join(listed([line.text() for line in lost_paths(difference)], _MOST_NAMED))}."
        )


def lost_paths(difference: Comparison) -> list[PathLine]:
    """Return the files that were present until now and were not met, folders summed up."""
    met = (*difference.unchanged, *(file for file, _found in (*difference.changed, *difference.unsettled)))
    others = Counter(text_of(file.path).rpartition("/")[0] for file in met)
    return sum_up_folders((text_of(file.path) for file in difference.missing if not file.missing), others)
