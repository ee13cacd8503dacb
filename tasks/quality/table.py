"""A batch as a table, with a row per file and a column per rule, and the verdicts of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.quality.checks import Cell
from tasks.quality.rule import Case
from tasks.quality.rules import RULES


@dataclass(frozen=True, slots=True)
class Table:
    """`files`: ids as text, one per row. `columns`: the values of each rule, one per file."""

    files: list[str]
    columns: dict[str, list[Cell]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one rule: the number of files it applied to, and the ids of those that failed."""

    evaluated: int
    failed: tuple[str, ...]


Verdicts = dict[str, Verdict]
"""The result of an engine: a verdict for each rule, by name."""


def table_of(cases: Sequence[Case]) -> Table:
    """Return the values that the rules check, for these files."""
    return Table(
        [str(case.id) for case in cases],
        {rule.name: [rule.check.cell(rule.subject(case)) for case in cases] for rule in RULES},
    )


def evaluate(table: Table) -> Verdicts:
    """Apply all rules to all rows: the plain engine."""
    verdicts = {}
    for rule in RULES:
        asked = [
            (file, cell)
            for file, cell in zip(table.files, table.columns[rule.name], strict=True)
            if cell is not None
        ]
        failed = tuple(file for file, cell in asked if not rule.check.holds(cell))
        verdicts[rule.name] = Verdict(len(asked), failed)
    return verdicts
