"""Parts of the patterns of the word rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from tasks.titles.vocabulary.counting import Counted

Found = re.Match[str]

START, END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
"""The borders of a word or code."""

_CAPITAL = re.compile(r"\\.|\(\?P|[A-Z]")


class SmallPattern:
    """A pattern for lower-case texts, which is faster than a pattern that ignores case.

    It is compiled when it is used: programs that read no title start faster.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    @cached_property
    def search(self) -> Callable[[str], Found | None]:
        """Search a lower-case text."""
        small = _CAPITAL.sub(
            lambda found: found[0].lower() if len(found[0]) == 1 else found[0], self._pattern
        )
        return re.compile(small).search


def numbered(counted: Counted, digits: str, letters: str = "") -> str:
    """Return the pattern of a number with its word before it, a letter before it, or its word after it.

    The groups are `number`, `coded` and `behind`; with `letters`, those of a day are also groups.
    """
    any_letters = f"(?P<letters>{letters})?" if letters else ""
    coded_letters = "(?P<coded_letters>[a-f]{1,4})?" if letters else ""
    letters_behind = "(?P<behind_letters>[a-f]{0,4})" if letters else ""
    return (
        rf"(?:(?<![A-Za-z])(?P<word>{counted.before})[\s.#:-]*0*(?P<number>{digits}){any_letters}(?!\d)"
        rf"|{START}(?:{counted.letters})[.]?0*(?P<coded>{digits}){coded_letters}{END}"
        rf"|{START}제?\s?(?P<behind>{digits}){letters_behind}\s?(?:{counted.behind})(?![가-힣]*번))"
    )


def count(found: Found) -> str:
    """Return the number that a pattern of `numbered` found."""
    return next(found[name] for name in ("number", "coded", "behind") if found[name])
