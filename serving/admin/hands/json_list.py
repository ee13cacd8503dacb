"""A parser that reads a long JSON list item by item, so that other threads can run between two items.

The parser of Python holds the interpreter lock until it has read everything, which takes a second for a
million values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# The most characters of an item. Most items are short, so the first attempt reads fewer.
MOST_IN_ITEM = 128 * 1024
_FIRST_LOOK = 2 * 1024
# The most members of the object that contains the list.
_MOST_MEMBERS = 20

_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class JsonListError(ValueError):
    """The body does not contain the list. The message is shown to the user."""


def iterate_json_list(body: bytes, key: str) -> Iterator[Any]:
    """Yield the items of a JSON list, or of the list `key` of an object. Raises `JsonListError`."""
    try:
        reader = _Reader(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise JsonListError(f"the body is not JSON: {error}") from None
    if reader.take("{"):
        yield from _items_of_object(reader, key)
    elif reader.take("["):
        yield from reader.items()
    else:
        reader.value()
        raise _no_list(key)
    if not reader.at_end():
        raise reader.error("unexpected text after the end")


def _items_of_object(reader: _Reader, key: str) -> Iterator[Any]:
    found = False
    for number, _ in enumerate(reader.elements("}")):
        if number == _MOST_MEMBERS:
            raise _no_list(key)
        name = reader.value()
        reader.expect(":")
        if name == key and reader.take("["):
            found = True
            yield from reader.items()
        else:
            reader.value()
    if not found:
        raise _no_list(key)


def _no_list(key: str) -> JsonListError:
    return JsonListError(f'the body must be a list of {key}, or {{"{key}": […]}}')


class _Reader:
    """Reads JSON from a text, and keeps the position."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def take(self, char: str) -> bool:
        """Skip this character if it is the next one. Return whether it was."""
        self._skip_blanks()
        taken = self._text.startswith(char, self._at)
        self._at += taken
        return taken

    def expect(self, char: str) -> None:
        """Skip this character. Raises `JsonListError` if the next one differs."""
        if not self.take(char):
            raise self.error(f"{char!r} is missing")

    def at_end(self) -> bool:
        """Return whether only white space is left."""
        self._skip_blanks()
        return self._at == len(self._text)

    def items(self) -> Iterator[Any]:
        """Yield the items of a list, after its opening bracket."""
        for _ in self.elements("]"):
            yield self.value()

    def elements(self, closing: str) -> Iterator[None]:
        """Yield once before each element. Skips commas and the closing bracket."""
        if self.take(closing):
            return
        yield
        while not self.take(closing):
            self.expect(",")
            yield

    def value(self) -> Any:
        """Read the next value. Raises `JsonListError`."""
        self._skip_blanks()
        try:
            return self._decode(_FIRST_LOOK)
        except (ValueError, RecursionError):
            pass
        try:
            return self._decode(MOST_IN_ITEM)
        except (ValueError, RecursionError) as error:
            raise self.error(str(error)) from None

    def _decode(self, most: int) -> Any:
        # One more character is read: a number at the end of the part could continue after it.
        part = self._text[self._at : self._at + most + 1]
        value, end = _DECODER.raw_decode(part)
        if end > most:
            raise ValueError(f"an item has more than {most:,} characters")
        self._at += end
        return value

    def error(self, problem: str) -> JsonListError:
        """Return an error with the current position."""
        rest = len(self._text) - self._at
        limit = f"; an item has at most {MOST_IN_ITEM:,} characters" if rest > MOST_IN_ITEM else ""
        return JsonListError(f"the body is not JSON at character {self._at + 1:,}: {problem}{limit}")

    def _skip_blanks(self) -> None:
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
