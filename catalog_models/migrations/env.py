"""Alembic's entry: runs on the connection that `catalog_models.migrate` hands over."""

from __future__ import annotations

from alembic import context

from catalog_models.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
