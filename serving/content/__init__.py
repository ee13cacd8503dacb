"""Block content: a single title with its files, hands and pictures."""

from __future__ import annotations

from catalog_models.tables import Thumbnail
from serving.content.picture_routes import router as pictures
from serving.content.routes import router
from serving.kernel.block import Block, without_state

block = Block("content", without_state(Thumbnail.id), (router, pictures))
