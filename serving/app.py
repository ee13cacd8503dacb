"""The application: opens the shared resources, connects the blocks, and closes everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from orchestration.registry import Registry
from serving import (
    admin,
    auth,
    cache,
    content,
    flat_catalog,
    pages,
    search,
    stream,
    title_generator,
    web,
    worker,
)
from serving.http import error_responses
from serving.http.bodies import BodyLimitMiddleware
from serving.http.headers import SecurityHeadersMiddleware
from serving.http.renderer import RendererMiddleware
from serving.kernel.block import Block
from serving.kernel.context import open_context
from serving.kernel.metrics import Metrics, RequestMetricsMiddleware
from serving.kernel.renderer import NO_RENDERER, Renderer
from serving.kernel.startup import open_blocks
from serving.monitoring import alert_checks, health, metrics, probes

if TYPE_CHECKING:
    from orchestration.settings import Settings

BLOCKS: tuple[Block, ...] = (
    auth.block,
    cache.block,
    content.block,
    flat_catalog.block,
    search.block,
    stream.block,
    title_generator.block,
    worker.block,
    admin.block,
)

_DESCRIPTION = """
A private video service for a poker archive. The API serves titles with their posters and hands, search,
streaming by HTTP ranges, watch progress, and administration.

**Sign in** with `POST /api/auth/login`. Programs send the `access_token` as `Authorization: Bearer …`;
browsers send it in a cookie.

**Watch** a title with `POST /api/stream/{content_id}/start`. It returns a `playback_url` for any player, or
a position in the queue. While playing, send heartbeats and the watch progress; at the end, call `/end`.
`GET /api/stream/{content_id}` also plays a title with a bearer token alone, without `/start`.

**Moderators** edit titles, import hands and work through the review lists. **Admins** also manage accounts,
flow runs and caches, and read the audit log.

Lists have the form `{"items": […], "total": n, "limit": …, "offset": …}`. Errors have the form
`{"error": {"code": "CONTENT_NOT_FOUND", "message": "…", "details": {}}}`. Times are in UTC, durations in
seconds, sizes in bytes. Every path that supports GET also supports HEAD.
"""


def create_app(
    settings: Settings,
    blocks: Sequence[Block] = BLOCKS,
    replaced: Callable[[], Mapping[str, int]] = dict,
    renderer: Renderer = NO_RENDERER,
) -> FastAPI:
    """Return the application for these settings. It opens its resources when the server starts it.

    `replaced` returns the number of API processes that were replaced, by reason. `renderer` makes the pages
    of the web app; without it the plain page is the only one.

    Raises `ValueError` if `settings.database_url` is not set, and `ContractError` if a block asks a question
    that no block provides.
    """
    if settings.database_url is None:
        raise ValueError("the serving layer requires a database: set DATABASE_URL")
    registry, app_metrics = _registry_of(blocks), Metrics(replaced)
    app = FastAPI(
        title="WSOPTV",
        version=version("wsoptv"),
        description=_DESCRIPTION,
        lifespan=lambda _: _lifespan(settings, blocks, registry, app_metrics, renderer),
        # A redirect would lead to whatever Host header the client sent.
        redirect_slashes=False,
        openapi_url="/api/openapi.json",
        # FastAPI's page loads scripts from other sites, which our security policy forbids; see `pages`.
        docs_url=None,
        redoc_url=None,
    )
    error_responses.install(app)
    _add_middleware(app, settings, app_metrics, renderer)
    app.router.routes.extend(route for block in blocks for route in block.quick)
    routers = (*(router for block in blocks for router in block.routers), health.router, metrics.router)
    app.router.routes.extend(route for router in routers for route in router.routes)
    pages.install(app)
    web.install(app, renderer, pages.plain_page())
    return app


def _add_middleware(app: FastAPI, settings: Settings, app_metrics: Metrics, renderer: Renderer) -> None:
    """Add the middleware; the last one added sees a request first."""
    app.add_middleware(BodyLimitMiddleware)
    # Keys of the renderer that WSOPTV started, and of one that the operator runs.
    own = settings.render_key.get_secret_value() if settings.render_key else ""
    if keys := [key for key in (renderer.key, own) if key]:
        app.add_middleware(RendererMiddleware, keys=keys)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(RequestMetricsMiddleware, metrics=app_metrics)
    if settings.trusted_proxies:
        from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    if settings.accel:
        app.add_middleware(stream.RedirectMiddleware)


def _registry_of(blocks: Sequence[Block]) -> Registry:
    registry = Registry()
    for block in blocks:
        registry.expect(block.name, block.provides, block.needs)
    registry.check()
    return registry


@asynccontextmanager
async def _lifespan(
    settings: Settings, blocks: Sequence[Block], registry: Registry, app_metrics: Metrics, renderer: Renderer
) -> AsyncIterator[dict[str, Any]]:
    """Open the application, and yield the state that requests share."""
    async with AsyncExitStack() as closing:
        context = await closing.enter_async_context(open_context(settings, registry, app_metrics))
        context.bus.subscribe(metrics.subscription(app_metrics))
        opened = await open_blocks(blocks, context, closing)
        pings = probes.pings_of(context, blocks, opened)
        monitor = await closing.enter_async_context(probes.run_monitor(pings))
        await closing.enter_async_context(
            alert_checks.run_alert_checks(alert_checks.AlertChecks(context, monitor))
        )
        page_client = await closing.enter_async_context(web.open_web(renderer))
        yield {
            "renderer": renderer,
            "pages": page_client,
            "context": context,
            "resources": context.resources,
            "registry": registry,
            "bus": context.bus,
            "blocks": opened,
            "monitor": monitor,
        }
