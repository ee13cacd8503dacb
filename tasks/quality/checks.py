"""The conditions of rules on one value. A check is data, so that two engines can read it."""

from __future__ import annotations

import math
from dataclasses import dataclass

Cell = float | bool | str | None
"""One value of a rule's column; None where the rule does not apply to the file."""


@dataclass(frozen=True, slots=True)
class Between:
    """A number within inclusive bounds; None for no bound."""

    minimum: float | None = None
    maximum: float | None = None

    def cell(self, value: Cell) -> float | None:
        """Return the value as both engines see it.

        NaN, which a table treats as missing, becomes a value that is out of bounds.
        """
        if value is None:
            return None
        number = float(value)
        if math.isnan(number):
            return math.inf if self.minimum is None else -math.inf
        return number

    def holds(self, cell: Cell) -> bool:
        """Return whether a cell that is not None is valid."""
        number = float(cell or 0)
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these values."""

    values: tuple[bool | str, ...]

    def cell(self, value: Cell) -> Cell:
        """Return the value as both engines see it."""
        return value

    def holds(self, cell: Cell) -> bool:
        """Return whether a cell that is not None is valid."""
        return cell in self.values


Check = Between | OneOf

YES = OneOf((True,))
NO = OneOf((False,))
