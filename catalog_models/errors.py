"""The errors that people are expected to meet: each says what happened, to what, and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class ExpectedError(Exception):
    """An error of the world, not of the program. `code` is for programs, the message for people."""

    code: ClassVar[str] = "failed"


class RefusedError(ExpectedError):
    """What was asked for was not done, on purpose; nothing was changed."""

    code: ClassVar[str] = "refused"
