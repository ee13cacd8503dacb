"""The fields that are known while a path is being read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tasks.titles.known import KNOWN, Known
from tasks.titles.vocabulary.series import Series

Fields = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A part of the path, the rule that read it, and the fields that it yielded."""

    rule: str
    text: str
    fields: Fields


@dataclass(slots=True)
class Draft:
    """The fields so far, and the words of the title.

    `name` is a folder's own name, `text` a cleaned file name. `source` is the text that a rule searches.

    `event` has the event's official words, `short_event` those with short names of games, and `plain` words
    outside the event (`Jesus Wins`). `when` has the words of stage, day and part, with their positions
    in the text. `counter` numbers a clip (`Clip 11`), and `number` is its number. `own_number`: the episode
    counts only the shows of its event. `subject` describes the action; `inventory` is the number of the tape.

    A `slug` has no spaces. In a `coded` name, small letters may be codes. A `clip` shows a hand. The name of
    a `machine` stays as it is, with its `folder`. `sure` is the highest confidence that the guesses allow.
    `known` are players that a sentence may mention. `readings` explain the result.
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
    subject: str = ""
    number: int | None = None
    own_number: bool = False
    inventory: str = ""
    is_serial: bool = False
    short_event: str = ""
    slug: bool = False
    coded: bool = False
    clip: bool = False
    sure: float = 1.0
    machine: bool = False
    folder: str = ""
    source: str = ""
    known: Known = KNOWN
    # Kept only for an explanation.
    readings: list[Reading] | None = None

    def doubt(self, most: float) -> None:
        """Record a guess: limit the confidence to this value."""
        self.sure = min(self.sure, most)

    def record(self, rule: str, text: str, **fields: Any) -> None:
        """Set fields that are not set yet, and note which part they were read from."""
        for name, value in fields.items():
            self.fields.setdefault(name, value)
        if self.readings is not None:
            self.readings.append(Reading(rule, text, fields))
