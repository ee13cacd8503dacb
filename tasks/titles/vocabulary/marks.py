"""Production marks, and names that machines give, from `marks.toml` and `machines.toml`."""

from __future__ import annotations

import re

from tasks.titles.vocabulary.loading import Entry, compiled, load


def read_marks(file: Entry) -> tuple[list[str], list[str]]:
    """Return the patterns of all marks, and those of the technical ones."""
    every: list[str] = []
    technical: list[str] = []
    file.check_keys("mark")
    for entry in file.entries("mark", "name"):
        entry.check_keys("name", "patterns", "technical")
        entry.text("name")
        patterns = [compiled(entry, pattern) for pattern in entry.texts("patterns")]
        every += patterns
        technical += patterns if entry.flag("technical") else []
    return every, technical


def machine_pattern(names: tuple[str, ...]) -> str:
    """Return the regular expression of names in which `#` stands for digits and `*` for anything."""
    return "|".join(_machine(name) for name in names)


def _machine(name: str) -> str:
    escaped = re.escape(name.replace(" ", "\0"))
    return escaped.replace(r"\#", r"\d+").replace("#", r"\d+").replace(r"\*", ".*").replace("\0", "[ _-]+")


MARKS, TECHNICAL = read_marks(load("marks.toml"))
_MACHINES = load("machines.toml")
_MACHINES.check_keys("names", "folders")
MACHINES = machine_pattern(_MACHINES.texts("names"))
"""Names that cameras, recorders and programs give."""

TELLING_NOTHING = machine_pattern(_MACHINES.texts("folders"))
"""Names of folders that do not describe their contents."""
