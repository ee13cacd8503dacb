"""A batch as a table, one row a file and one column a rule, and what an engine says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.quality.checks import Cell
from tasks.quality.rule import Case
from tasks.quality.rules import RULES


@dataclass(frozen=True, slots=True)
class Table:
    """`files`: ids as text, one per row. `columns`: the values of each rule, as many as `files`."""

    files: list[str]
    columns: dict[str, list[Cell]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one rule: how many files it applied to, and the ids of those that failed."""

    evaluated: int
    failed: tuple[str, ...]


Verdicts = dict[str, Verdict]
"""The result of an engine: a verdict for every rule, by its name."""


def table_of(cases: Sequence[Case]) -> Table:
    """What the rules are about, in these files."""
    return Table(
        [str(case.id) for case in cases],
        {rule.name: [rule.check.cell(rule.subject(case)) for case in cases] for rule in RULES},
    )


def evaluate(table: Table) -> Verdicts:
    """The plain engine: all rules over all rows."""
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
