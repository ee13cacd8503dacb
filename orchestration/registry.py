"""The block registry: which block handles which question, which blocks are down, and why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from orchestration.contracts import Question

_log = logging.getLogger(__name__)

Request = TypeVar("Request")
Answer = TypeVar("Answer")
Handler = Callable[[Any], Awaitable[Any]]


class BlockDownError(Exception):
    """The block that handles the question could not be built, or did not respond in time."""

    def __init__(self, block: str, reason: str) -> None:
        self.block, self.reason = block, reason
        super().__init__(f"block {block} is down: {reason}")


class ContractError(Exception):
    """The blocks do not fit together; the application does not start."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A question, and the coroutine function of a block that handles it."""

    question: Question[Any, Any]
    handler: Handler


class Registry:
    """Connects blocks that know only each other's questions.

    All blocks are declared first (`expect`), then checked, then those that could be built register
    their handlers (`provide`).
    """

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._handlers: dict[str, Handler] = {}
        self._needs: list[tuple[str, Question[Any, Any]]] = []
        self._down: dict[str, str] = {}

    def expect(
        self, block: str, provides: Iterable[Question[Any, Any]], needs: Iterable[Question[Any, Any]]
    ) -> None:
        """Record the questions that a block provides and needs; `check` compares them."""
        for question in provides:
            if (owner := self._owners.setdefault(question.name, block)) != block:
                raise ContractError(f"both {owner} and {block} provide {question.name}")
        self._needs += ((block, question) for question in needs)

    def check(self) -> None:
        """Raise `ContractError` if no block provides what another one needs."""
        for block, question in self._needs:
            if question.name not in self._owners:
                raise ContractError(f"{block} needs {question.name}, which no block provides")

    def provide(self, block: str, provider: Provider) -> None:
        """Register a block's handler of a question.

        Raise `ContractError` if its types differ from the question's.
        """
        question = provider.question
        if self._owners.get(question.name) != block:
            raise ContractError(f"{block} provides {question.name} without declaring it")
        hints = get_type_hints(provider.handler)
        given, taken = hints.pop("return", None), list(hints.values())
        if taken != [question.takes] or given is not question.gives:
            raise ContractError(
                f"{block} provides {question.name} as {taken} -> {given}, "
                f"not {question.takes.__name__} -> {question.gives.__name__}"
            )
        self._handlers[question.name] = provider.handler

    def mark_down(self, block: str, reason: str) -> None:
        """Mark a block as down because it could not be built; questions to it raise `BlockDownError`."""
        _log.error("block %s is down: %s", block, reason)
        self._down[block] = reason

    def why_down(self, block: str) -> str | None:
        """Return why a block is down; None while it works."""
        return self._down.get(block)

    async def ask(self, question: Question[Request, Answer], request: Request) -> Answer:
        """Return the result of the block's handler. Raise `BlockDownError`, and the errors of the block."""
        owner = self._owners[question.name]
        handler = self._handlers.get(question.name)
        if handler is None:
            raise BlockDownError(owner, self._down.get(owner, "it has not started"))
        deadline = asyncio.timeout(question.deadline)
        try:
            async with deadline:
                answer: Answer = await handler(request)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise BlockDownError(owner, f"{question.name} took longer than {question.deadline:g} s") from None
        return answer
