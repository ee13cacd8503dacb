"""Alembic's entry point. It uses the connection that `catalog_models.migrate` passes."""

from __future__ import annotations

from alembic import context

from catalog_models.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
