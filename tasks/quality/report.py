"""The Markdown report of the quality gate. Pure."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

from catalog_models.values import Severity, format_count
from orchestration.markdown import Markdown, escaped, table
from tasks.quality.judgement import FailingFile, Judgement
from tasks.quality.rules import RULES


def report(judgements: Sequence[Judgement], most: int = 200) -> Markdown:
    """Return a page with counts, the rules, and at most `most` findings, each problem before its files."""
    failing = _latest(judgements)
    parts = [
        _summary(judgements, failing),
        *_stand_ins(judgements),
        "## Rules",
        _rules(judgements),
        "`docs/quality.md` explains every rule and what to do about it.",
        *_failing(failing, most),
    ]
    return Markdown("\n\n".join(parts) + "\n")


def _latest(judgements: Sequence[Judgement]) -> list[FailingFile]:
    """Return the failing files with their latest judgement, bad ones first."""
    last: dict[uuid.UUID, FailingFile | None] = {}
    for judgement in judgements:
        last |= dict.fromkeys(judgement.files)
        last |= {file.id: file for file in judgement.failing}
    return sorted((file for file in last.values() if file), key=lambda file: (not file.is_bad, file.path))


def _summary(judgements: Sequence[Judgement], failing: Sequence[FailingFile]) -> str:
    files = len({key for judgement in judgements for key in judgement.files})
    bad = sum(file.is_bad for file in failing)
    seconds = sum(judgement.seconds for judgement in judgements)
    return (
        f"{format_count(files, 'file')} judged in {format_count(len(judgements), 'batch', 'batches')} ({seconds:.1f} s): "
        f"**{bad:,} quarantined**, {len(failing) - bad:,} with notes, {files - len(failing):,} without a finding."
    )


def _stand_ins(judgements: Sequence[Judgement]) -> Iterator[str]:
    """Yield the reasons why the plain engine replaced Great Expectations."""
    reasons = Counter(judgement.reason for judgement in judgements if judgement.reason)
    for reason, count in reasons.items():
        batches = format_count(count, "batch was", "batches were")
        yield f"{batches} judged by the plain engine, which applies the same rules, because Great Expectations failed: {escaped(reason)}."


def _rules(judgements: Sequence[Judgement]) -> Markdown:
    """Return a row for each rule, rules with failures first."""
    checked: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for tally in (tally for judgement in judgements for tally in judgement.tallies):
        checked[tally.rule] += tally.evaluated
        failed[tally.rule] += tally.failed
    rows = [
        (
            rule.name,
            f"{failed[rule.name]:,}",
            f"{checked[rule.name]:,}",
            _does(rule.severity),
            Markdown(rule.means),
        )
        for rule in sorted(RULES, key=lambda rule: not failed[rule.name])
    ]
    columns = ("rule", "failed", "checked", "effect", "what it means")
    return table(columns, rows, numbers=("failed", "checked"))


def _does(severity: Severity) -> str:
    return "quarantine" if severity is Severity.QUARANTINE else "note"


def _failing(failing: Sequence[FailingFile], most: int) -> Iterator[str]:
    """Yield the heading and the table of findings, if there are any."""
    if not failing:
        return
    rows = [(file, finding) for file in failing for finding in file.findings]
    yield "## Findings"
    shown = [(finding.rule, finding.message, finding.severity, file.path) for file, finding in rows[:most]]
    yield table(("rule", "what is wrong", "severity", "file"), shown)
    if (left := len(rows) - most) > 0:
        yield f"… and {format_count(left, 'more finding')}; `wsoptv status` lists the latest."
