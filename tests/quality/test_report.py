"""The report of the quality gate."""

from __future__ import annotations

import dataclasses

from catalog_models.values import path_as_text
from tasks.quality import RULES, PlainJudge, report
from tests.quality.cases import APPROVED, GOOD, case

judge = PlainJudge().judge


def test_a_page_shows_judged_and_failing_files() -> None:
    cut = case(dataclasses.replace(GOOD, duration_seconds=2400), past=APPROVED, path="shows/cut.mp4")
    silent = case(dataclasses.replace(GOOD, audio=()), path="shows/a silent one.mp4")
    page = report([judge([silent, cut]), judge([case(), case()])])
    assert "4 files judged in 2 batches" in page
    assert "**1 quarantined**, 1 with notes, 2 without a finding" in page
    assert "| quarantine | It is at most 2 seconds or 5 % shorter" in page
    assert page.index("## Rules") < page.index("## Findings"), "rules and counts come first"
    assert findings(page)[2:] == [
        "| shorter | its duration was 1:02:03 on 2026-11-20 and is now 0:40:00 | quarantine | shows/cut.mp4 |",
        "| silent | it has no sound | note | shows/a silent one.mp4 |",
    ]


def findings(page: str) -> list[str]:
    return page.partition("## Findings")[2].strip().splitlines()


def test_rules_with_failures_come_first() -> None:
    page = report([judge([case(dataclasses.replace(GOOD, audio=())), case(size=0)])])
    rows = page.partition("## Rules")[2].strip().splitlines()[2:]
    assert [row.split(" | ")[:3] for row in rows[:2]] == [["| empty", "1", "2"], ["| silent", "1", "2"]]


def test_every_rule_has_its_row_with_numbers() -> None:
    page = report([judge([case(), case(size=0)])])
    assert all(f"| {rule.name} | " in page and f"| {rule.means} |" in page for rule in RULES)
    assert "| empty | 1 | 2 | quarantine | The file is not empty. |" in page


def test_pages_without_findings_and_without_files() -> None:
    assert "## Findings" not in report([judge([case()])])
    assert "0 files judged in 0 batches" in report([])


def test_names_cannot_break_the_page() -> None:
    nasty = path_as_text(b"a|b`c`/new\nline\r\t<b>&amp;*_[x](y)~~z~~\\ \xff\x1b[31m\xe2\x80\xae.mp4")
    page = report([judge([case(size=0, path=nasty)])])
    assert findings(page)[-1].endswith(
        r" | quarantine | a\|b\`c\`/new\\nline\\r\\t&lt;b&gt;&amp;amp;\*\_\[x\](y)\~\~z\~\~\\ \\xff\\x1b\[31m\\u202e.mp4 |"
    )


def test_a_long_page_is_shortened_with_bad_files_first() -> None:
    noted = [case(dataclasses.replace(GOOD, audio=()), path=f"a{number:04}.mp4") for number in range(300)]
    page = report([judge([*noted, case(size=0, path="z" * 4000 + "/bad.mp4")])])
    rows = findings(page)
    assert len(rows) == 2 + 200 + 2
    assert rows[2].startswith("| empty |")
    assert rows[2].endswith("/bad.mp4 |")
    assert len(rows[2]) < 400
    assert rows[-1] == "… and 101 more findings; `wsoptv status` lists the latest."


def test_a_file_judged_twice_is_reported_with_its_last_judgement() -> None:
    before = case(size=0)
    page = report([judge([before]), judge([dataclasses.replace(before, size=9)])])
    assert "1 file judged in 2 batches" in page
    assert "## Findings" not in page


def test_the_reason_for_the_plain_engine_is_reported() -> None:
    judgement = dataclasses.replace(judge([case()]), reason="it died (SIGKILL)")
    assert "Great Expectations failed: it died (SIGKILL)." in report([judgement])
