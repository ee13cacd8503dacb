"""The block registry: who is there, who answers which question, who is down and why."""

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
    """The block that would answer could not be built, or did not answer in time."""

    def __init__(self, block: str, reason: str) -> None:
        self.block, self.reason = block, reason
        super().__init__(f"block {block} is down: {reason}")


class ContractError(Exception):
    """The blocks do not fit together; the start is refused."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A question and the coroutine function of one block that answers it."""

    question: Question[Any, Any]
    handler: Handler


class Registry:
    """Joins blocks that know each other's questions and nothing else of each other.

    Each is expected first (`expect`), then the whole is checked, then what could be built answers (`provide`).
    """

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._handlers: dict[str, Handler] = {}
        self._needs: list[tuple[str, Question[Any, Any]]] = []
        self._down: dict[str, str] = {}

    def expect(
        self, block: str, provides: Iterable[Question[Any, Any]], needs: Iterable[Question[Any, Any]]
    ) -> None:
        """Note what a block will answer and what it asks; `check` compares them."""
        for question in provides:
            if (owner := self._owners.setdefault(question.name, block)) != block:
                raise ContractError(f"both {owner} and {block} answer {question.name}")
        self._needs += ((block, question) for question in needs)

    def check(self) -> None:
        """Raises `ContractError` where a block asks what nobody answers."""
        for block, question in self._needs:
            if question.name not in self._owners:
                raise ContractError(f"{block} asks {question.name}, which no block answers")

    def provide(self, block: str, provider: Provider) -> None:
        """A block is built: its answer to a question. Raises `ContractError` where the types are others."""
        question = provider.question
        if self._owners.get(question.name) != block:
            raise ContractError(f"{block} answers {question.name} and has not said so")
        hints = get_type_hints(provider.handler)
        given, answered = hints.pop("return", None), list(hints.values())
        if answered != [question.takes] or given is not question.gives:
            raise ContractError(
                f"{block} answers {question.name} with {answered} -> {given}, "
                f"not {question.takes.__name__} -> {question.gives.__name__}"
            )
        self._handlers[question.name] = provider.handler

    def mark_down(self, block: str, reason: str) -> None:
        """The block could not be built; whoever asks it is told so."""
        _log.error("block %s is down: %s", block, reason)
        self._down[block] = reason

    def why_down(self, block: str) -> str | None:
        """The reason why a block is down, None while it serves."""
        return self._down.get(block)

    async def ask(self, question: Question[Request, Answer], request: Request) -> Answer:
        """The answer. Raises `BlockDownError`, and whatever the block itself answers with."""
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
            raise BlockDownError(owner, f"{question.name} took more than {question.deadline:g} s") from None
        return answer
