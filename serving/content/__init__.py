"""Block content: one title, its files and its pictures."""

from __future__ import annotations

from serving.content.routes import router

__all__ = ["router"]
