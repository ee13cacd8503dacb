"""The block registry: blocks that do not fit together are refused, and a block that is down is named."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from orchestration.contracts import LOCATE, REVOKE, Done, Question, Revocation, Source, Wanted
from orchestration.registry import BlockDownError, ContractError, Provider, Registry

_WANTED = Wanted(uuid.uuid4())
_SOURCE = Source(b"/nas", b"a.mp4", "a.mp4", "mp4", 60.0, "nas")


async def _locate(wanted: Wanted) -> Source:
    return _SOURCE


async def _revoke(revocation: Revocation) -> Done:
    return Done(1)


def _joined() -> Registry:
    registry = Registry()
    registry.expect("cache", provides=[LOCATE], needs=[])
    registry.expect("stream", provides=[], needs=[LOCATE])
    registry.check()
    return registry


def test_a_question_reaches_the_block_that_handles_it() -> None:
    registry = _joined()
    registry.provide("cache", Provider(LOCATE, _locate))
    assert asyncio.run(registry.ask(LOCATE, _WANTED)) == _SOURCE


def test_a_question_without_a_handler_refuses_the_start() -> None:
    registry = Registry()
    registry.expect("stream", provides=[], needs=[LOCATE])
    with pytest.raises(ContractError, match=r"stream needs cache\.locate"):
        registry.check()


def test_two_blocks_that_handle_the_same_question_are_refused() -> None:
    registry = _joined()
    with pytest.raises(ContractError, match="both cache and other"):
        registry.expect("other", provides=[LOCATE], needs=[])


def test_a_handler_of_another_type_is_refused_at_the_start() -> None:
    registry = _joined()
    with pytest.raises(ContractError, match="Revocation"):
        registry.provide("cache", Provider(LOCATE, _revoke))
    with pytest.raises(ContractError, match="without declaring it"):
        registry.provide("cache", Provider(REVOKE, _revoke))


def test_a_block_that_is_down_is_named_with_the_reason() -> None:
    registry = _joined()
    registry.mark_down("cache", "no disk")
    with pytest.raises(BlockDownError, match="cache is down: no disk"):
        asyncio.run(registry.ask(LOCATE, _WANTED))
    assert (registry.why_down("cache"), registry.why_down("stream")) == ("no disk", None)


def test_a_block_that_does_not_respond_counts_as_down() -> None:
    async def hangs(wanted: Wanted) -> Source:
        await asyncio.sleep(60)
        return _SOURCE

    question = Question("cache.locate", Wanted, Source, deadline=0.01)
    registry = Registry()
    registry.expect("cache", provides=[question], needs=[])
    registry.provide("cache", Provider(question, hangs))
    with pytest.raises(BlockDownError, match="longer than"):
        asyncio.run(registry.ask(question, _WANTED))
