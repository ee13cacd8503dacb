"""Block flat_catalog: the lists of titles."""

from __future__ import annotations

from catalog_models.tables import Content
from serving.block import Block, reading
from serving.flat_catalog.routes import router

block = Block("flat_catalog", reading(Content.id), router)
