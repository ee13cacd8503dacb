"""The judgement of a batch, and the judge that needs only Python."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from catalog_models.values import Finding, Severity
from tasks.quality.rule import Case
from tasks.quality.rules import RULES
from tasks.quality.table import Verdicts, evaluate, table_of

Engine = Literal["great_expectations", "plain"]

_OF_MEMORY = frozenset(rule.name for rule in RULES if rule.of_memory)


@dataclass(frozen=True, slots=True)
class FailingFile:
    """A file with findings, in the order of the rules; `path` is text to show."""

    id: uuid.UUID
    path: str
    findings: tuple[Finding, ...]

    @property
    def is_bad(self) -> bool:
        """Return whether it is quarantined."""
        return any(finding.severity is Severity.QUARANTINE for finding in self.findings)

    @property
    def regressed(self) -> bool:
        """Return whether it lost something since its approval."""
        return any(finding.rule in _OF_MEMORY for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of files that a rule applied to, and of those that failed."""

    rule: str
    evaluated: int
    failed: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of one batch.

    `files` has the ids of all files, `failing` the files with findings, `tallies` one entry per rule.

    `reason`: why the plain engine replaced Great Expectations; None if it did not.
    """

    engine: Engine
    files: tuple[uuid.UUID, ...]
    failing: tuple[FailingFile, ...]
    tallies: tuple[Tally, ...]
    seconds: float
    reason: str | None = None

    @property
    def findings(self) -> dict[uuid.UUID, tuple[Finding, ...]]:
        """Return the findings of each file; an empty tuple for a file without any."""
        found = {file.id: file.findings for file in self.failing}
        return {key: found.get(key, ()) for key in self.files}

    @property
    def quarantined(self) -> list[uuid.UUID]:
        """Return the files to quarantine."""
        return [file.id for file in self.failing if file.is_bad]

    @property
    def passed(self) -> list[uuid.UUID]:
        """Return the files that passed, including those with notes."""
        return self._without(self.quarantined)

    @property
    def approved(self) -> list[uuid.UUID]:
        """Return the files that passed and lost nothing. Later facts are compared with their current ones."""
        return self._without([file.id for file in self.failing if file.is_bad or file.regressed])

    def _without(self, these: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        out = set(these)
        return [key for key in self.files if key not in out]


class Judge(Protocol):
    """Judges batches of files with different ids. It raises no expected errors; threads may share it."""

    def start(self) -> None:
        """Load in the background what `judge` needs; `judge` also works without this."""

    def judge(self, batch: Sequence[Case]) -> Judgement:
        """Return the findings of the rules."""


class PlainJudge:
    """The rules in pure Python, in this process."""

    def start(self) -> None:
        """Do nothing: this needs no libraries."""

    def judge(self, batch: Sequence[Case]) -> Judgement:
        """Return the findings of the rules."""
        started = time.monotonic()
        return judgement(batch, evaluate(table_of(batch)), "plain", started)


def judgement(
    batch: Sequence[Case], verdicts: Verdicts, engine: Engine, started: float, reason: str | None = None
) -> Judgement:
    """Return an engine's verdicts as a judgement. `started`: the monotonic time at which the work began."""
    failed = {rule.name: set(verdicts[rule.name].failed) for rule in RULES}
    findings = ((case, tuple(rule for rule in RULES if str(case.id) in failed[rule.name])) for case in batch)
    failing = tuple(
        FailingFile(
            case.id, case.path, tuple(Finding(rule.name, rule.severity, rule.words(case)) for rule in rules)
        )
        for case, rules in findings
        if rules
    )
    tallies = tuple(Tally(rule.name, verdicts[rule.name].evaluated, len(failed[rule.name])) for rule in RULES)
    files = tuple(case.id for case in batch)
    return Judgement(engine, files, failing, tallies, time.monotonic() - started, reason)
