"""What the gate found, as a page that a person can read. Pure."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

from catalog_models.values import Severity
from orchestration.markdown import Markdown, escaped, table
from tasks.quality.judgement import FailingFile, Judgement
from tasks.quality.rules import RULES


def report(judgements: Sequence[Judgement], most: int = 200) -> Markdown:
    """Markdown: what was judged, a table of the rules, a table of the failing files with at most `most` rows."""
    failing = _latest(judgements)
    parts = [
        "# Quality gate",
        _summary(judgements, failing),
        *_stand_ins(judgements),
        *_failing(failing, most),
        "## Rules",
        _rules(judgements),
        "`docs/quality.md` explains every rule and what to do about it.",
    ]
    return Markdown("\n\n".join(parts) + "\n")


def _latest(judgements: Sequence[Judgement]) -> list[FailingFile]:
    """The failing files as they were judged last; the bad ones first."""
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
        f"{_count(files, 'file')} judged in {_count(len(judgements), 'batch', 'batches')} ({seconds:.1f} s): "
        f"**{bad:,} quarantined**, {len(failing) - bad:,} with notes, {files - len(failing):,} without a finding."
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _stand_ins(judgements: Sequence[Judgement]) -> Iterator[str]:
    """That and why the plain engine judged in place of Great Expectations."""
    reasons = Counter(judgement.reason for judgement in judgements if judgement.reason)
    for reason, count in reasons.items():
        batches = _count(count, "batch was", "batches were")
        yield f"{batches} judged by the plain engine, which finds the same: Great Expectations failed: {escaped(reason)}."


def _rules(judgements: Sequence[Judgement]) -> Markdown:
    checked: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for tally in (tally for judgement in judgements for tally in judgement.tallies):
        checked[tally.rule] += tally.evaluated
        failed[tally.rule] += tally.failed
    rows = [
        (
            rule.name,
            f"{checked[rule.name]:,}",
            f"{failed[rule.name]:,}",
            _does(rule.severity),
            Markdown(rule.means),
        )
        for rule in RULES
    ]
    columns = ("rule", "checked", "failed", "a file that fails", "what it means")
    return table(columns, rows, numbers=("checked", "failed"))


def _does(severity: Severity) -> str:
    return "is quarantined" if severity is Severity.QUARANTINE else "gets a note"


def _failing(failing: Sequence[FailingFile], most: int) -> Iterator[str]:
    """The heading and the table of the failing files, one row a finding; nothing when none failed."""
    if not failing:
        return
    rows = [(file, finding) for file in failing for finding in file.findings]
    yield "## Findings"
    shown = [(file.path, finding.rule, finding.message, finding.severity) for file, finding in rows[:most]]
    yield table(("file", "rule", "what is wrong", "severity"), shown)
    if (left := len(rows) - most) > 0:
        yield f"… and {_count(left, 'more finding')}; `wsoptv status` lists the latest."
