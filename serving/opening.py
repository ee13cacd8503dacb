"""Opening the blocks: each by itself, so that one that fails is down and the others serve."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from serving.block import Block, Commons, Opened

_log = logging.getLogger(__name__)


async def open_blocks(
    blocks: Sequence[Block], commons: Commons, closing: AsyncExitStack
) -> Mapping[str, Opened]:
    """Open all and let them listen; answers those that are up. Raises `ContractError` where an answer's types differ
    from its question's: that is a fault of the program, not of one block's day."""
    opened: dict[str, Opened] = {}
    for block in blocks:
        try:
            opened[block.name] = await closing.enter_async_context(block.open(commons))
        except Exception as error:  # noqa: BLE001 - whatever it was, the others serve
            _log.exception("block %s could not be built", block.name)
            commons.registry.mark_down(block.name, str(error) or type(error).__name__)
            continue
        _join(block.name, opened[block.name], commons)
    listening = asyncio.create_task(commons.bus.run())
    closing.push_async_callback(_end, listening)
    return opened


def _join(name: str, opened: Opened, commons: Commons) -> None:
    for provider in opened.providers:
        commons.registry.provide(name, provider)
    for subscription in opened.subscriptions:
        commons.bus.subscribe(subscription)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
