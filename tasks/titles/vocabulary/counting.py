"""Words for days, parts, seasons, episodes and stages, from `words.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.titles.vocabulary.loading import Entry, load, pattern_of

STAGES = ("final_table", "final_day", "heads_up", "final_four")


@dataclass(frozen=True, slots=True)
class Counted:
    """Regular expressions of words before a number, words after it, and letters directly before it."""

    before: str
    behind: str
    letters: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, its spellings and the letters that mean it."""

    value: str
    pattern: str
    codes: tuple[str, ...]


def read_counted(entry: Entry) -> Counted:
    """Return the words of one counted part."""
    entry.check_keys("before", "after", "letters", "titles")
    return Counted(*(_any(entry.texts(key)) for key in ("before", "after", "letters")))


def _any(spellings: tuple[str, ...]) -> str:
    longest = sorted(spellings, key=len, reverse=True)
    return "|".join(pattern_of(spelling) for spelling in longest) or r"(?!)"


def read_stages(file: Entry) -> tuple[Stage, ...]:
    """Return the stages of a file."""
    stages = []
    for entry in file.entries("stage", "value"):
        entry.check_keys("value", "spellings", "codes")
        if (value := entry.text("value")) not in STAGES:
            raise entry.error(f"value = {value!r}: one of {', '.join(STAGES)} is wanted")
        stages.append(Stage(value, _any(entry.texts("spellings")), entry.texts("codes")))
    return tuple(stages)


_FILE = load("words.toml")
_FILE.check_keys("day", "part", "season", "episode", "event", "stage", "titles")
DAY, PART, SEASON, EPISODE, EVENT = (
    read_counted(_FILE.inner(name)) for name in ("day", "part", "season", "episode", "event")
)
PART_TITLES = _FILE.inner("part").pairs("titles")
ALL_STAGES = read_stages(_FILE)
SMALL = frozenset(_FILE.inner("titles").texts("small"))
ACRONYMS = frozenset(_FILE.inner("titles").texts("acronyms"))
