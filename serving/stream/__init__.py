"""Block stream: the bytes of a title, by ranges."""

from __future__ import annotations

from serving.stream.routes import router

__all__ = ["router"]
