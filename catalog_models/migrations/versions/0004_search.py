"""The search documents of titles, and the vocabulary for the correction of typing errors

Existing titles can be found at once, by the words of their columns. A copy of the rules cuts the words: a
migration must not change with the program. The next ingest groups every file again, without opening it, and
makes the documents as the program does, with abbreviations, long names of games and Korean names.
"""

from __future__ import annotations

import re
from typing import Any
from unicodedata import combining, normalize

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_ROWS = 1_000
_LONGEST = 64
_FIELDS = "short_title, description, brand, region, year, event_type, event_name, buy_in, game, stage, players, hands"
_VECTOR = (
    "setweight(to_tsvector('simple', search_title), 'A') || setweight(to_tsvector('simple', search_fields), 'B')"
    " || setweight(to_tsvector('simple', search_path), 'C')"
)


def upgrade() -> None:
    for name in ("search_title", "search_fields", "search_path"):
        op.add_column("contents", sa.Column(name, sa.String(), nullable=True))
    op.add_column("contents", sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "search_words",
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    _describe(op.get_bind())
    for name in ("search_title", "search_fields", "search_path"):
        op.alter_column("contents", name, nullable=False)
    vector = sa.Column(
        "search_vector", postgresql.TSVECTOR(), sa.Computed(_VECTOR, persisted=True), nullable=False
    )
    op.add_column("contents", vector)
    op.create_index("ix_contents_search_vector", "contents", ["search_vector"], postgresql_using="gin")
    op.create_index(
        "ix_contents_newest", "contents", [sa.text("year desc nulls last"), sa.text("date desc nulls last")]
    )
    op.create_index(
        "ix_contents_unindexed",
        "contents",
        ["id"],
        postgresql_where=sa.text("indexed_at is distinct from updated_at"),
    )
    op.execute("update media_files set catalogue_at = null")


def _describe(connection: sa.Connection) -> None:
    columns = (
        f"select id, title, file_path, event_number, day, part, season, episode, {_FIELDS} from contents"  # noqa: S608
    )
    page = sa.text(f"{columns} where id > :after order by id limit {_ROWS}")
    last = "00000000-0000-0000-0000-000000000000"
    while rows := connection.execute(page, {"after": last}).mappings().all():
        documents = [_document(dict(row)) for row in rows]
        connection.execute(
            sa.text(
                "update contents set search_title = :title, search_fields = :fields, search_path = :path where id = :id"
            ),
            documents,
        )
        _learn(connection, documents)
        last = str(rows[-1]["id"])


def _document(row: dict[str, Any]) -> dict[str, Any]:
    fields = [str(row[name]) for name in _FIELDS.split(", ") if isinstance(row[name], str | int)]
    fields += [text for name in ("players", "hands") for text in row[name] or () if text]
    if row["buy_in"] and row["buy_in"] % 1_000 == 0:
        fields.append(f"{row['buy_in'] // 1_000}k")
    counts = {"event": "event_number", **{name: name for name in ("day", "part", "season", "episode")}}
    fields += [f"{name} {row[column]}" for name, column in counts.items() if row[column] is not None]
    return {
        "id": row["id"],
        "title": _words(row["title"]),
        "fields": _words(" ".join(fields)),
        "path": _words(row["file_path"] or ""),
    }


def _words(text: str) -> str:
    bare = "".join(c for c in normalize("NFKD", text.casefold()) if not 0x300 <= ord(c) < 0x370)
    plain = re.sub(r"(?<=\d),(?=\d{3})|['’]", "", normalize("NFC", bare))
    plain = "".join(c for c in plain if not combining(c))
    words = " ".join(re.findall(r"[^\W_]+", plain))
    # A day is one word of a search: `day1a`, and also `day1`, of which it is a part.
    days = [f"{name}{number}{flight} {name}{number}" for name, number, flight in _COUNTED.findall(words)]
    return " ".join(dict.fromkeys(word[:_LONGEST] for word in [*words.split(), *" ".join(days).split()]))


_COUNTED = re.compile(r"\b(day|episode|(?<!main )event|season|part|hand) (\d{1,3})([a-h]?)\b", re.ASCII)


def _learn(connection: sa.Connection, documents: list[dict[str, Any]]) -> None:
    text = " ".join(f"{document['title']} {document['fields']}" for document in documents)
    words = sorted(word for word in set(text.split()) if re.fullmatch(r"\D{2,40}", word))
    if words:
        connection.execute(
            sa.text("insert into search_words (word) values (:word) on conflict do nothing"),
            [{"word": word} for word in words],
        )
