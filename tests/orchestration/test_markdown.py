"""Names and messages as Markdown."""

from __future__ import annotations

import pytest

from orchestration.markdown import Markdown, cell, escaped, printable, table


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("shows/2024-07-03 Day 3.mp4", "shows/2024-07-03 Day 3.mp4"),
        ("![x](http://h/a.png)", r"!\[x\](`http://`h/a.png)"),
        ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
        ("<img src=x>&amp;", "&lt;img src=x&gt;&amp;amp;"),
        ("HTTPS://h WWW.h ann@h", "`HTTPS://`h `WWW.`h ann`@`h"),
        ("*a* _b_ `c` ~~d~~ a|b \\", r"\*a\* \_b\_ \`c\` \~\~d\~\~ a\|b " + "\\\\"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("+ a", r"\+ a"),
        ("===", r"\==="),
        ("1. a", r"1\. a"),
        ("12) a", r"12\) a"),
        ("2024.mp4", "2024.mp4"),
        ("    a  b ", "\xa0\xa0\xa0\xa0a \xa0b\xa0"),
        ("a\nb\r\t\x1b\u202e\udcff", r"a\\nb\\r\\t\\x1b\\u202e\\udcff"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, markdown: str) -> None:
    assert escaped(text) == markdown


def test_the_middle_of_a_long_text_is_left_out_before_it_is_escaped() -> None:
    assert escaped("*" * 999, 4) == r"\*\* … \*\*"


def test_cells_are_escaped_unless_they_are_markdown() -> None:
    rows = [(Markdown("[run](/x)"), "a|b", 3)]
    assert table(("log", "file", "tries"), rows, numbers=["tries"]) == (
        "| log | file | tries |\n| --- | --- | ---: |\n" + r"| [run](/x) | a\|b | 3 |"
    )
    assert cell(escaped("*")) == r"\*"


def test_names_of_runs_are_printable() -> None:
    assert printable("a\u202eb\n") == r"a\u202eb\n"
