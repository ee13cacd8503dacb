"""The accuracy of titles read from invented names: the share that is right, also by confidence.

`title_names/` has the names. `developed.txt` was used to write the rules, `held_out.txt` only to measure
them. `later.txt` was written afterwards; its first results are in docs/titles.md. Each line has a path, its
title, and its fields.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.titles import Title, read_title

NAMES = ("developed", "held_out", "later")

_FOLDER = Path(__file__).with_name("title_names")
_FIELDS = (
    "brand", "region", "year", "date", "event_type", "event_number", "event_name", "buy_in", "currency", "game", "stage", "day", "part",
    "season", "episode", "players", "hands", "hand_number", "content_type", "variant",
)  # fmt: skip
# Fields that a line may omit if they are null.
_OPEN = frozenset(["brand", "event_type", "event_name", "content_type"])
_SIGNS = re.compile(r"[–—:\-]")
_UNCERTAIN = "conf<0.5"


@dataclass(frozen=True, slots=True)
class Expected:
    """A name, its title and its fields. `is_uncertain`: a moderator must see it."""

    path: str
    title: str
    fields: dict[str, str]
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a name: the fields compared, the wrong ones, and whether the title is right."""

    expected: Expected
    title: Title
    compared: int
    said: int
    wrong: tuple[str, ...]
    is_title_right: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares from 0 to 1: of fields, of titles, and of names without any error."""

    fields: float
    titles: float
    flawless: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Values with one confidence: their number, and the share that is right."""

    confidence: float
    values: int
    right: float


def expected_titles(name: str) -> Iterator[Expected]:
    """Yield the lines of a file of names."""
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        path, title, words = (part.strip() for part in line.rsplit(" | ", 2))
        pairs = [word.partition("=") for word in words.split() if word != _UNCERTAIN]
        yield Expected(path, title, {key: value for key, _sign, value in pairs}, _UNCERTAIN in words)


def read_all(name: str) -> list[Reading]:
    """Read the names of a file."""
    return [compare(expected, read_title(expected.path)) for expected in expected_titles(name)]


def compare(expected: Expected, title: Title) -> Reading:
    """Compare a title with the expected one."""
    compared, said, wrong = 0, 0, []
    for field in _FIELDS:
        wanted, value = expected.fields.get(field), _written(field, title)
        if wanted is None and field in _OPEN:
            continue
        compared += 1
        said += value is not None
        if wanted != value and not (field == "event_name" and _same(wanted, value)):
            wrong.append(f"{field} is {value}, not {wanted}")
    if expected.is_uncertain and title.confidence >= 0.5:
        wrong.append(f"confidence is {title.confidence}")
    return Reading(expected, title, compared, said, tuple(wrong), _same(expected.title, title.display_title))


def _written(field: str, title: Title) -> str | None:
    value = getattr(title, field)
    if isinstance(value, tuple):
        return ",".join((entry or "").replace(" ", "_") for entry in value)
    return None if value is None else str(value).replace(" ", "_")


def _same(wanted: str | None, value: str | None) -> bool:
    """Return whether two titles have the same words; their order, case and dashes do not count."""
    return _words(wanted) == _words(value)


def _words(text: str | None) -> list[str]:
    return sorted(_SIGNS.sub(" ", (text or "").lower().replace("_", " ").replace("’", "'")).split())


def accuracy(readings: Iterable[Reading]) -> Accuracy:
    """Return the accuracy of these readings."""
    readings = list(readings)
    compared = sum(reading.compared for reading in readings)
    wrong = sum(len(reading.wrong) for reading in readings)
    flawless = sum(reading.is_title_right and not reading.wrong for reading in readings)
    titles = sum(reading.is_title_right for reading in readings)
    return Accuracy(1 - wrong / compared, titles / len(readings), flawless / len(readings))


def reliability(readings: Iterable[Reading]) -> list[Bin]:
    """Return the share of values that are right, for each confidence in tenths, the lowest first."""
    values: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for reading in readings:
        counts = values[int(reading.title.confidence * 10)]
        counts[0] += reading.said
        counts[1] += len(reading.wrong)
    return [
        Bin(tenth / 10, said, 1 - wrong / said) for tenth, (said, wrong) in sorted(values.items()) if said
    ]


def plot(bins: Iterable[Bin]) -> str:
    """Return the reliability as text: a bar of right values for each confidence."""
    return "\n".join(
        f"{row.confidence:.1f}–{row.confidence + 0.1:.1f} {'█' * round(row.right * 40):<40} {row.right:6.1%} of {row.values:,}"
        for row in bins
    )


def main() -> None:
    """Print the accuracy of each file, its errors, and the reliability plot of all."""
    every = []
    for name in NAMES:
        readings = read_all(name)
        every += readings
        result = accuracy(readings)
        print(
            f"{name}: {len(readings)} names, {result.fields:.1%} of fields, {result.titles:.1%} of titles, "
            f"{result.flawless:.1%} without a flaw"
        )
        for reading in readings:
            if name != "held_out" and (reading.wrong or not reading.is_title_right):
                print(
                    f"  {reading.expected.path}\n    {reading.title.display_title}\n    {', '.join(reading.wrong)}"
                )
    print(plot(reliability(every)))


if __name__ == "__main__":
    main()
