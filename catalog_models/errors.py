"""Errors that users are expected to meet. Each message gives the event, its object and the remedy."""

from __future__ import annotations

from typing import ClassVar


class ExpectedError(Exception):
    """An error that is not a defect of the program. `code` is for programs, the message for people."""

    code: ClassVar[str] = "failed"

    @property
    def on_command_line(self) -> str:
        """Return the message with options as the command line spells them."""
        return str(self)


class RefusedError(ExpectedError):
    """The request was refused, and nothing was changed."""

    code: ClassVar[str] = "refused"


class LossRefusedError(RefusedError):
    """More files are missing than a person would delete at once.

    The parameter `accept_missing` confirms that they were deleted on purpose.
    """

    def __str__(self) -> str:
        return (
            f"{super().__str__()} Nothing was changed. If they were deleted on purpose, set `accept_missing`."
        )

    @property
    def on_command_line(self) -> str:
        """Return the message with the option of the commands."""
        facts = super().__str__()
        return (
            f"{facts} Nothing was changed. If they were deleted on purpose, confirm it with --accept-missing."
        )
