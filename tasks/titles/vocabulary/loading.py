"""Read the vocabulary's files. Errors name the file, the entry and the key."""

from __future__ import annotations

import itertools
import os.path
import re
import tomllib
from collections.abc import Mapping
from typing import Any

_FOLDER = os.path.dirname(__file__)


class VocabularyError(ValueError):
    """An entry in a vocabulary file that the reader cannot use."""


class Entry:
    """One table of a file, whose values are checked when they are read."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where, self._values = where, values

    def check_keys(self, *known: str) -> None:
        """Raise `VocabularyError` for a key that the reader does not know."""
        for key in self._values:
            if key not in known:
                raise self.error(f"has an unknown key {key!r}; it may have {', '.join(known)}")

    def error(self, what: str) -> VocabularyError:
        """Return an error about this entry."""
        return VocabularyError(f"{self.where} {what}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text. Without a default it is required."""
        value = self._values.get(key, default)
        if value is None:
            raise self.error(f"lacks {key!r}")
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise self.error(f"{key} = {value!r}: a text is wanted")
        return value.strip()

    def optional(self, key: str) -> str | None:
        """Return a text, or None if the key is missing."""
        return self.text(key) if key in self._values else None

    def number(self, key: str) -> int:
        """Return a whole number, or 0 if the key is missing."""
        value = self._values.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(f"{key} = {value!r}: a whole number is wanted")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false if the key is missing."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"{key} = {value!r}: true or false is wanted")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if the key is missing."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            raise self.error(
                f'{key} = {value!r}: a list of texts is wanted, such as ["EPT", "European Poker Tour"]'
            )
        return tuple(text.strip() for text in value)

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """Return lists of texts by name."""
        inner = self.inner(key)
        return {name: inner.texts(name) for name in inner.names()}

    def pairs(self, key: str) -> dict[str, str]:
        """Return texts by key."""
        inner = self.inner(key)
        return {name: inner.text(name) for name in inner.names()}

    def inner(self, key: str) -> Entry:
        """Return a table of this entry."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"{key} = {value!r}: a table is wanted")
        return Entry(f"{self.where}, {key}", value)

    def names(self) -> list[str]:
        """Return the keys."""
        return list(self._values)

    def entries(self, key: str, named: str) -> list[Entry]:
        """Return a list of tables, named in messages by the value of one of their keys."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.error(f"{key}: a list of tables is wanted, each under [[{key}]]")
        return [
            Entry(f"{self.where}, {key} {number} ({entry.get(named, 'without ' + named)})", entry)
            for number, entry in enumerate(value, 1)
        ]


def load(name: str) -> Entry:
    """Read one file of the vocabulary. Raise `VocabularyError` if it is not TOML."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
        return parse(name, file.read())


def parse(name: str, text: str) -> Entry:
    """Read a text as `load` reads a file."""
    try:
        return Entry(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{name} is not TOML: {error}") from None


_SEPARATOR, _BETWEEN_DIGITS = r"(?:\s+|[._/-])?", r"(?:\s+|[._/-])"
_BLANKS = re.compile(r"[\s-]+")


def pattern_of(spelling: str) -> str:
    """Return the regular expression of a spelling.

    A space or hyphen matches spaces, a hyphen, a dot, a slash or nothing, but not nothing between two digits.
    """
    words = _BLANKS.split(spelling.replace("’", "'").strip())
    pattern = _word(words[0])
    for before, word in itertools.pairwise(words):
        between = _BETWEEN_DIGITS if before[-1:].isdigit() and word[:1].isdigit() else _SEPARATOR
        pattern += between + _word(word)
    return pattern


def _word(word: str) -> str:
    return re.escape(word).replace("'", r"[\s'’]?").replace(r"\.", r"\.?")


def bare(text: str) -> str:
    """Return a text without spaces and signs; texts that fit the same pattern are equal."""
    return re.sub(r"[\s._/'’-]+", "", text).lower()


def compiled(entry: Entry, pattern: str) -> str:
    """Return a regular expression of a file. Raise `VocabularyError` if it is invalid."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise entry.error(
            f"has the pattern {pattern!r}, which is not a regular expression: {error}"
        ) from None
    return pattern
