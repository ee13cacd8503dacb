"""Block flat_catalog: the lists of titles."""

from __future__ import annotations

from serving.flat_catalog.routes import router

__all__ = ["router"]
