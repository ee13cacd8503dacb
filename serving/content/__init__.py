"""Block content: one title, its files and its pictures."""

from __future__ import annotations

from catalog_models.tables import Thumbnail
from serving.block import Block, reading
from serving.content.routes import router

block = Block("content", reading(Thumbnail.id), (router,))
