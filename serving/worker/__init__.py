"""Block worker: starts Prefect flow runs and monitors them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestration.contracts import (
    AUTHENTICATE,
    FAILED_FLOWS,
    START_RUN,
    FailedFlows,
    Nothing,
    RunRequest,
    RunStarted,
)
from orchestration.home import running_prefect, running_prefect_auth
from orchestration.registry import Provider
from serving.kernel.block import Block, NotConfiguredError, OpenBlock
from serving.kernel.context import Context
from serving.worker.failed_flows import failed_flows
from serving.worker.prefect_api import PrefectApi
from serving.worker.prefect_http import PrefectHttp
from serving.worker.roots import AllowedRoots
from serving.worker.routes import router
from serving.worker.serialization import serialize_run


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    settings = context.settings

    def address() -> str | None:
        return settings.prefect_api_url or running_prefect(settings.home)

    def auth(address: str) -> str | None:
        if address == running_prefect(settings.home):
            return running_prefect_auth(settings.home)
        return settings.prefect_auth.get_secret_value() if settings.prefect_auth else None

    http = PrefectHttp(address, auth)
    api = PrefectApi(http, settings.prefect_ui_url, AllowedRoots(settings.roots, settings.archives))

    async def start(request: RunRequest) -> RunStarted:
        deployment = await api.deployment(request.deployment)
        started = await api.start(deployment, request.parameters, request.idempotency_key)
        shown = serialize_run(started, api)
        return RunStarted(shown.id, shown.name, shown.state, shown.url)

    async def failed(_: Nothing) -> FailedFlows:
        return await failed_flows(api) if address() is not None else FailedFlows({})

    async def ping() -> None:
        if address() is None:
            raise NotConfiguredError
        await api.ping()

    async def ping_block() -> None:
        # The block itself has no state; Prefect is reported as a dependency.
        await asyncio.sleep(0)

    try:
        yield OpenBlock(
            api,
            ping_block,
            (Provider(START_RUN, start), Provider(FAILED_FLOWS, failed)),
            dependencies={"prefect": ping},
        )
    finally:
        await http.client.aclose()


block = Block("worker", _open, (router,), provides=(START_RUN, FAILED_FLOWS), needs=(AUTHENTICATE,))
