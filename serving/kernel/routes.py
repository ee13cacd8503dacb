"""Routers of the blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute

from serving.http.errors import OTHER_ERRORS

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def operation_id(route: APIRoute) -> str:
    """Return the id of an operation: the name of its function, which generated clients also use."""
    return f"{route.name}_headers" if route.methods == {"HEAD"} else route.name


class ApiRouter(APIRouter):
    """A router whose GET routes also respond to HEAD."""

    def __init__(self, **options: Any) -> None:
        super().__init__(generate_unique_id_function=operation_id, **options)

    def get(
        self, path: str, *, head_summary: str | None = None, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Register a function for GET and HEAD.

        The OpenAPI document contains HEAD only if it has a summary.
        """

        def register(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=["GET"], **options)
            shown = {**options, "summary": head_summary} if head_summary else {"include_in_schema": False}
            self.add_api_route(path, endpoint, methods=["HEAD"], **shown)
            return endpoint

        return register


def api_router(tag: str, prefix: str = "") -> ApiRouter:
    """Return a router for operations below `/api`.

    The application adds its routes as they are. `include_router` would build each route a second time at the
    first request, which takes 0.3 s in all, and match each request again at every level.
    """
    return ApiRouter(prefix=f"/api{prefix}", tags=[tag], responses=OTHER_ERRORS)
