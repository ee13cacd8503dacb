"""Block search: titles by their words."""

from __future__ import annotations

from serving.search.engine import Search, ask_once
from serving.search.routes import router
from serving.search.schemas import Found, Question
from serving.search.server import SearchServer, server_of

__all__ = ["Found", "Question", "Search", "SearchServer", "ask_once", "router", "server_of"]
