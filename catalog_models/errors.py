"""The errors that people are expected to meet: each says what happened, to what, and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class ExpectedError(Exception):
    """An error of the world, not of the program. `code` is for programs, the message for people."""

    code: ClassVar[str] = "failed"

    @property
    def on_command_line(self) -> str:
        """Return the message with options as the command line spells them."""
        return str(self)


class RefusedError(ExpectedError):
    """What was asked for was not done, on purpose; nothing was changed."""

    code: ClassVar[str] = "refused"


class LossRefusedError(RefusedError):
    """More is missing than people delete at once. The parameter `accept_missing` confirms that it was meant."""

    def __str__(self) -> str:
        return f"{super().__str__()} Nothing was changed. If they are really gone, set `accept_missing`."

    @property
    def on_command_line(self) -> str:
        """Return the message with the option of the commands."""
        facts = super().__str__()
        return f"{facts} Nothing was changed. If they are really gone, say so with --accept-missing."
