"""From text to Markdown: the only way in which names and messages get into an artifact of Prefect. Pure.

Two renderers show it: `marked` in Prefect's UI, and `react-markdown` with GFM in its second one. Both were tried with all
that stands here; what each of them does is said beside the rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 240
_MARKUP = frozenset("\\`*_[]|~^$")  # what means something anywhere in a line
_HTML = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# What starts a heading, a list, a rule or an underlined heading at the start of a block; a cell is a block.
_STARTER = re.compile(r"[#+=-]|\d{1,9}(?=[.)](?:\s|$))")
# GFM makes links of bare addresses. A backslash does not stop react-markdown, which looks for them in the parsed text;
# neither looks into code.
_LINK = re.compile(r"((?:https?|ftp)://|www\.|@)", re.IGNORECASE)
_SPACES = re.compile(r"^ +| +$|(?<= ) +")  # spaces that HTML swallows, or that make a block of code


class Markdown(str):
    """Text that is Markdown already: `cell` leaves it as it is."""

    __slots__ = ()


def printable(text: str) -> str:
    r"""Return the text on one line; what cannot be printed appears as Python writes it: `\n`, `\u202e`.

    That covers line breaks, control characters, marks that turn the direction of writing, and halves of surrogate pairs.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def escaped(text: str, longest: int = _LONGEST) -> Markdown:
    """Return Markdown that shows the text as it is, on one line: no markup, link, picture or HTML.

    It may stand at the start of a block, within a line and in a cell of a table. The middle of a text of more than
    `longest` characters is left out.
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
    """Return what shows a value: numbers and Markdown as they are, text escaped."""
    return value if isinstance(value, Markdown) else escaped(str(value), longest)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[str] = ()) -> Markdown:
    """Return a table. Cells are escaped, unless they are Markdown; columns of `numbers` are aligned to the right."""
    rule = ["---:" if name in numbers else "---" for name in columns]
    lines = [columns, rule, *([cell(value) for value in row] for row in rows)]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
