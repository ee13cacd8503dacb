"""Short lists of paths: a folder that is affected as a whole, or for the most part, is one line. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonpath

# The fewest affected files of a folder that become one line although others of it are not affected.
_LEAST = 3


@dataclass(frozen=True)
class PathLine:
    """A file or a folder of a list.

    `path` is below the root; that of a folder ends in a slash, and the root itself is `./`. Of the `known`
    files of the folder, `files` are affected.
    """

    path: str
    files: int
    known: int

    @property
    def is_folder(self) -> bool:
        """Return whether the line stands for the files of a folder."""
        return self.path.endswith("/")

    def text(self, path: str | None = None) -> str:
        """Return the line as people read it: `2009/Show 11/ — 24 files`. `path` may be a longer one."""
        shown = self.path if path is None else path
        if not self.is_folder:
            return shown
        of_all = f" of {self.known:,}" if self.known > self.files else ""
        return f"{shown} — {self.files:,}{of_all} {'file' if self.known == 1 else 'files'}"


def sum_up_folders(affected: Iterable[str], others: Mapping[str, int]) -> list[PathLine]:
    """Return the lines of a list of paths, those with most files first.

    `others`: how many other files lie directly in each folder. A folder without others is one line, and so is
    one most of whose own files are affected; the rest is listed by name.
    """
    below = _with_ancestors(others)
    whole: dict[str, list[str]] = defaultdict(list)
    rest: dict[str, list[str]] = defaultdict(list)
    for path in affected:
        emptied = next((folder for folder in _folders(path) if not below[folder]), None)
        if emptied is None:
            rest[_parent(path)].append(path)
        else:
            whole[emptied].append(path)
    lines = [line for paths in whole.values() for line in _whole(paths)]
    lines += [
        line for folder, paths in rest.items() for line in _partly(folder, paths, others.get(folder, 0))
    ]
    return sorted(lines, key=lambda line: (-line.files, line.path))


def _whole(paths: Sequence[str]) -> list[PathLine]:
    if len(paths) == 1:
        return [PathLine(paths[0], 1, 1)]
    # The deepest folder that contains all is more informative than its parents.
    return [PathLine(f"{commonpath([_parent(path) for path in paths]) or '.'}/", len(paths), len(paths))]


def _partly(folder: str, paths: Sequence[str], others: int) -> list[PathLine]:
    if folder and len(paths) >= _LEAST and len(paths) > others:
        return [PathLine(f"{folder}/", len(paths), len(paths) + others)]
    return [PathLine(path, 1, 1) for path in paths]


def _with_ancestors(others: Mapping[str, int]) -> Counter[str]:
    """Return how many other files lie in each folder and below."""
    below: Counter[str] = Counter()
    for folder, count in others.items():
        for each in _folders(f"{folder}/x" if folder else "x"):
            below[each] += count
    return below


def _folders(path: str) -> Iterator[str]:
    """Yield the folders that hold a path, the root (an empty name) first."""
    yield ""
    start = path.find("/")
    while start != -1:
        yield path[:start]
        start = path.find("/", start + 1)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def shorten_list(lines: Sequence[str], most: int) -> list[str]:
    """Return at most `most` lines, the last of which gives the number of further ones."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"… and {len(lines) - most + 1:,} more"]
