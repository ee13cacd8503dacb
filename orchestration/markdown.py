"""Conversion of text to Markdown, for all names and messages in Prefect's artifacts.

Two renderers show it: `marked` in Prefect's UI, and `react-markdown` with GFM in its second UI. All rules
were tried in both; where they differ, a comment says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 240
# Characters with a meaning anywhere in a line.
_MARKUP = frozenset("\\`*_[]|~^$")
_HTML = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# Characters that begin a heading, a list, a rule or an underline at the start of a block; a cell is a block.
_STARTER = re.compile(r"[#+=-]|\d{1,9}(?=[.)](?:\s|$))")
# GFM turns bare addresses into links. A backslash does not prevent this in react-markdown, which looks for
# them in the parsed text; neither renderer looks into code.
_LINK = re.compile(r"((?:https?|ftp)://|www\.|@)", re.IGNORECASE)
# Spaces that HTML collapses, or that begin a block of code.
_SPACES = re.compile(r"^ +| +$|(?<= ) +")


class Markdown(str):
    """Text that is Markdown already: `cell` leaves it as it is."""

    __slots__ = ()


def printable(text: str) -> str:
    r"""Return the text on one line; unprintable characters appear as Python escapes: `\n`, `\u202e`.

    These include line breaks, control characters, marks of text direction, and halves of surrogate pairs.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def escaped(text: str, longest: int = _LONGEST) -> Markdown:
    """Return Markdown that shows the text as it is, on one line: no markup, link, picture or HTML.

    The result works at the start of a block, within a line and in a table cell. The middle of a text of more
    than `longest` characters is left out.
    """
    if len(text) > longest:
        text = f"{text[: longest // 2]} … {text[-longest // 2 :]}"
    shown = _SPACES.sub(lambda run: "\N{NO-BREAK SPACE}" * len(run[0]), printable(text))
    parts = _LINK.split(shown)
    parts[::2] = ["".join(map(_shown, part)) for part in parts[::2]]
    parts[1::2] = [f"`{part}`" for part in parts[1::2]]
    return Markdown(_without_starter("".join(parts)))


def _shown(character: str) -> str:
    return f"\\{character}" if character in _MARKUP else _HTML.get(character, character)


def _without_starter(line: str) -> str:
    found = _STARTER.match(line)
    if found is None:
        return line
    start = found.end() if found[0].isdigit() else 0
    return f"{line[:start]}\\{line[start:]}"


def cell(value: object, longest: int = _LONGEST) -> str:
    """Return the Markdown of a value: Markdown as it is, anything else escaped."""
    return value if isinstance(value, Markdown) else escaped(str(value), longest)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[str] = ()) -> Markdown:
    """Return a table.

    Cells are escaped, unless they are Markdown; columns of `numbers` are aligned to the right.
    """
    rule = ["---:" if name in numbers else "---" for name in columns]
    lines = [columns, rule, *([cell(value) for value in row] for row in rows)]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
