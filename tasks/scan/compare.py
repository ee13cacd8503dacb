"""Compare a walk with the known files: unchanged, changed, new, pending, moved and missing.

Pure: values in, values out. A file's identity is its content, not its path. So a new path with the
fingerprint of a file that is missing at its old path is that file, moved.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from catalog_models.errors import LossRefusedError
from catalog_models.folders import PathLine, shorten_list, sum_up_folders
from catalog_models.values import ScannedFile, Walk, path_as_text

# A NAS whose clock is ahead by less than this still counts as writing now.
_CLOCK_SKEW_NS = 300 * 10**9

# A loss of more than both is not an editor's work but a missing disk (DESIGN, law 10).
_PLAUSIBLE_SHARE, _PLAUSIBLE_COUNT = 0.05, 20

# Folders and files named in a refusal.
_MOST_NAMED = 10


class ImplausibleScanError(LossRefusedError):
    """Too many files are missing: the storage is the likely cause. Nothing was changed."""

    code = "implausible"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as the catalogue knows it.

    `forgotten`: it is missing, and a moderator forgot it. `elsewhere`: it is outside the scope, and only a
    possible origin of moves. Then `lost_root` is its root, if that root is not where it was.
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
    """A known file that was found at another path."""

    file: KnownFile
    to: ScannedFile


Pair = tuple[KnownFile, ScannedFile]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference between a walk and the known files.

    Each video of the walk is in one of the first five lists.

    `missing` has all known files that were not found. `unsettled` are the known files among the pending ones.
    `origins` are the files whose content is no longer at its path.
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
        """Return files that may have moved: a file of the same size is no longer at its path."""
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
    """Compare by path, size and mtime only. `pair_moves` then reads the few files that may have moved.

    `out_of_sight` returns whether this walk could not or should not see a path: it is neither found nor
    missing.
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
    """Return present files by path, missing ones by path (the last that had it), and those of other roots."""
    present: dict[bytes, KnownFile] = {}
    absent: dict[bytes, KnownFile] = {}
    elsewhere: list[KnownFile] = []
    for file in known:
        if file.elsewhere or (file.missing and file.path in absent):
            # It can only be the origin of a move.
            elsewhere.append(file)
        else:
            (absent if file.missing else present)[file.path] = file
    return present, absent, elsewhere


def _is_young(found: ScannedFile, now_ns: int, settle_seconds: float) -> bool:
    """Return whether a file may still be written: its mtime or ctime is within the last `settle_seconds`."""
    if settle_seconds <= 0:
        return False
    return any(
        -_CLOCK_SKEW_NS <= now_ns - time < settle_seconds * 10**9 for time in (found.mtime_ns, found.ctime_ns)
    )


def pair_moves(difference: Comparison, fingerprints: Mapping[bytes, bytes | None]) -> Comparison:
    """Recognise moved files among the new ones. `fingerprints` has the content of the candidates by path.

    Among several files of the same content, the most similar path wins. Empty files need the same name,
    because their content proves nothing. A new file that could not be read (None) may be a missing known one:
    both are left undecided.
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
    """Leave unreadable new files, and the files that they may be, for the next run."""
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
    """Return lost roots of which at most half of the files were found: their storage is missing."""
    had = Counter(file.lost_root for file in known if file.lost_root)
    came = Counter(move.file.lost_root for move in moved if move.file.lost_root)
    return {root for root, count in had.items() if root and came[root] * 2 <= count}


def _settle(difference: Comparison, taken: Mapping[uuid.UUID, Move], arrived: set[bytes]) -> Comparison:
    """Remove the moves from the other lists.

    A path whose file moved away has a new file. A file whose path was taken is missing. A touched file stays.
    """
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
    """Return how many components two paths share, from the file name upwards.

    The paths make the order total.
    """
    shared = 0
    for one, other in zip(reversed(old.split(b"/")), reversed(new.split(b"/")), strict=False):
        if one != other:
            break
        shared += 1
    return shared, old, new


def is_plausible_loss(gone: int, known: int) -> bool:
    """Return whether `gone` of `known` files may be missing without a storage problem (DESIGN, law 10)."""
    return gone <= _PLAUSIBLE_COUNT or gone <= known * _PLAUSIBLE_SHARE


def refuse_implausible(difference: Comparison, known: int, root: str) -> None:
    """Raise `ImplausibleScanError` if too many files are missing. `known` counts the files present before."""
    gone = sum(not file.missing for file in difference.missing)
    met = len(difference.unchanged) + len(difference.changed) + len(difference.moved)
    found = met + len(difference.new) + len(difference.pending)
    if gone and not found:
        raise ImplausibleScanError(
            f"{root} has no videos, but {known:,} of its files are known: is the archive mounted?"
        )
    if not is_plausible_loss(gone, known):
        raise ImplausibleScanError(
            f"{gone:,} of the {known:,} known files below {root} are missing, more than is usually deleted at once: "
            f"{'; '.join(shorten_list([line.text() for line in lost_paths(difference)], _MOST_NAMED))}."
        )


def lost_paths(difference: Comparison) -> list[PathLine]:
    """Return the files that were present until now and were not found, summed up by folder."""
    met = (*difference.unchanged, *(file for file, _found in (*difference.changed, *difference.unsettled)))
    others = Counter(path_as_text(file.path).rpartition("/")[0] for file in met)
    return sum_up_folders(
        (path_as_text(file.path) for file in difference.missing if not file.missing), others
    )
