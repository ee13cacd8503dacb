"""Rules, and the files that they judge."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from catalog_models.values import MediaFacts, Past, Severity
from tasks.quality.checks import Cell, Check


@dataclass(frozen=True, slots=True)
class Case:
    """A file to be judged.

    `path` is text to show; `size` is in bytes. `past` is the state that the gate last approved; None for a
    new file, or if the content is the approved one.
    """

    id: uuid.UUID
    path: str
    facts: MediaFacts
    size: int
    past: Past | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, declared once for both engines.

    `subject` returns the value to check, None if the rule does not apply. `check` defines the valid values.
    `words` describe what is wrong with a file that fails; `means` describes a file that passes. `of_memory`:
    the rule compares with the approved state, which is kept while the rule fails.
    """

    name: str
    severity: Severity
    means: str
    subject: Callable[[Case], Cell]
    check: Check
    words: Callable[[Case], str]
    of_memory: bool = False
