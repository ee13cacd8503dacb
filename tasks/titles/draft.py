"""What is gathered while a path is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tasks.titles.vocabulary.series import Series

Fields = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A part of the path, the rule that read it, and the fields that it says."""

    rule: str
    text: str
    fields: Fields


@dataclass(slots=True)
class Draft:
    """The fields so far, and the words that a title is made of. `name` is a folder's own, `text` a cleaned file's.

    `event` holds the event's official words; `plain` words that are no event's (`Jesus Wins`); `when` the words of stage,
    day and part with their places in the text; `counter` what
    numbers a clip (`Clip 11`) and `number` its number; `own_number`: the episode counts its event's shows, not all; `tale` what happens; `inventory` the
    tape's number. `readings` tells how it came about.
    """

    name: str = ""
    text: str = ""
    fields: Fields = field(default_factory=dict)
    series: Series | None = None
    place: str | None = None
    buy_in: str = ""
    event: str = ""
    plain: str = ""
    when: list[tuple[int, str]] = field(default_factory=list)
    counter: str = ""
    tale: str = ""
    number: int | None = None
    own_number: bool = False
    inventory: str = ""
    is_serial: bool = False
    readings: list[Reading] | None = None  # kept when somebody wants an explanation

    def say(self, rule: str, text: str, **fields: Any) -> None:
        """Take fields that nothing has said yet, and note where they come from."""
        for name, value in fields.items():
            self.fields.setdefault(name, value)
        if self.readings is not None:
            self.readings.append(Reading(rule, text, fields))
