"""Rules, and the files that they judge."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from catalog_models.values import MediaFacts, Past, Severity
from tasks.quality.checks import Cell, Check


@dataclass(frozen=True, slots=True)
class Case:
    """A file before the gate.

    `path` is text to show; `size` in bytes; `past` is what the gate last approved, None when there is nothing
    to compare with: a new file, or one whose content is what was approved.
    """

    id: uuid.UUID
    path: str
    facts: MediaFacts
    size: int
    past: Past | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, declared once for all engines.

    `subject` returns the value that the rule is about, None where it does not apply; `check` says which
    values are right; `words` say what is wrong with a file that fails, `means` what is right with one that
    does not. `of_memory`: it compares with the past, which stays what it was while the rule fails.
    """

    name: str
    severity: Severity
    means: str
    subject: Callable[[Case], Cell]
    check: Check
    words: Callable[[Case], str]
    of_memory: bool = False
