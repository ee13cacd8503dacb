"""Startup of the blocks. A block that cannot be opened is down; the others work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context

_log = logging.getLogger(__name__)


async def open_blocks(
    blocks: Sequence[Block], context: Context, closing: AsyncExitStack
) -> Mapping[str, OpenBlock]:
    """Open all blocks, start their subscriptions, and return the open blocks by name.

    Raises `ContractError` if the types of a provider differ from those of its question, which is a
    programming error and not an outage.
    """
    opened: dict[str, OpenBlock] = {}
    for block in blocks:
        try:
            opened[block.name] = await closing.enter_async_context(block.open(context))
        except Exception as error:  # noqa: BLE001 - the other blocks must start after any error
            _log.exception("block %s could not be opened", block.name)
            context.registry.mark_down(block.name, str(error) or type(error).__name__)
            continue
        _join(block.name, opened[block.name], context)
    listening = asyncio.create_task(context.bus.run())
    closing.push_async_callback(_end, listening)
    return opened


def _join(name: str, opened: OpenBlock, context: Context) -> None:
    for provider in opened.providers:
        context.registry.provide(name, provider)
    for subscription in opened.subscriptions:
        context.bus.subscribe(subscription)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
