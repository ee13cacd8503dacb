"""The quality gate: rules over what is known of a file and what it was.

A failing file is kept out, the rest goes on.
"""

from __future__ import annotations

from tasks.quality.gate import Gate
from tasks.quality.judgement import FailingFile, Judge, Judgement, PlainJudge, Tally
from tasks.quality.report import report
from tasks.quality.rule import Case, Rule
from tasks.quality.rules import RULES

__all__ = [
    "RULES",
    "Case",
    "FailingFile",
    "Gate",
    "Judge",
    "Judgement",
    "PlainJudge",
    "Rule",
    "Tally",
    "report",
]
