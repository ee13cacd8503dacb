"""The quality gate: rules for the facts of a file, and for losses since its last approval.

Files that fail are quarantined; the others continue.
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
