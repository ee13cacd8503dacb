"""Titles by the names of their players

A copy of the rules gives existing titles the names of their players: a migration must not change with the
program.
"""

from __future__ import annotations

import re
from unicodedata import combining, normalize

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "contents",
        sa.Column("search_players", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    connection = op.get_bind()
    named = connection.execute(sa.text("select id, players from contents where players is not null")).all()
    rows = [{"id": row.id, "parts": [part for name in row.players for part in _parts(name)]} for row in named]
    if rows:
        connection.execute(sa.text("update contents set search_players = :parts where id = :id"), rows)
    op.alter_column("contents", "search_players", server_default=None)
    op.create_index("ix_contents_search_players", "contents", ["search_players"], postgresql_using="gin")


def _parts(name: str) -> list[str]:
    bare = "".join(c for c in normalize("NFKD", name.casefold()) if not combining(c))
    words = re.findall(r"[^\W_]+", re.sub("['’]", "", normalize("NFC", bare)))[:8]
    return [
        " ".join(words[first:end]) for first in range(len(words)) for end in range(first + 1, len(words) + 1)
    ]
