"""Find Korean titles however their spaces are set

Existing titles get the joined words and the parts of words from a copy of the rules: a migration must not
change with the program. The next grouping of their files, or the nightly `reindex-search`, makes them exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_ROWS = 500
_PARTS = ("search_title", "search_fields", "search_path")
_HANGUL = "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"
# The most syllables of a word, and words of a part.
_LONGEST, _MOST = 16, 1_000


def upgrade() -> None:
    connection = op.get_bind()
    hangul = f"[{_HANGUL}]"
    page = sa.text(
        "select id, is_visible, search_title, search_fields, search_path from contents"
        " where id > :after and search_title || search_path ~ :hangul order by id limit :rows"
    )
    last = "00000000-0000-0000-0000-000000000000"
    while rows := (
        connection.execute(page, {"after": last, "hangul": hangul, "rows": _ROWS}).mappings().all()
    ):
        _describe(connection, rows)
        last = str(rows[-1]["id"])
    connection.execute(
        sa.text(
            "update media_files set catalogue_at = null where content_id in"
            " (select id from contents where search_title || search_fields || search_path ~ :hangul)"
        ),
        {"hangul": hangul},
    )


def _describe(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> None:
    parts = [
        {
            "id": row["id"],
            "title": _words(row["search_title"]),
            # Not joined: the fields also have other names of the title, which do not belong together.
            "fields": _joined(_cut(row["search_fields"])),
            "path": _words(row["search_path"]),
        }
        for row in rows
    ]
    described = sa.text(
        "update contents set search_title = :title, search_fields = :fields, search_path = :path,"
        " indexed_at = null where id = :id"
    )
    connection.execute(described, parts)
    shown = [part for part, row in zip(parts, rows, strict=True) if row["is_visible"]]
    _learn(connection, " ".join(f"{part['title']} {part['fields']}" for part in shown))


def _words(text: str) -> str:
    cut = _cut(text)
    runs = [[*run] for korean, run in groupby(cut, _is_korean) if korean]
    return _joined([*cut, *(word for run in runs for word in _other_spacings(run))])


def _cut(text: str) -> list[str]:
    return re.findall(rf"[{_HANGUL}]+|[^{_HANGUL}\s]+", text)


def _joined(words: list[str]) -> str:
    return " ".join(list(dict.fromkeys(words))[:_MOST])


def _is_korean(word: str) -> bool:
    return bool(re.fullmatch(rf"[{_HANGUL}]+", word))


def _other_spacings(run: list[str]) -> list[str]:
    joined = "".join(run)
    places = [(number, at) for number, word in enumerate(run) for at in range(len(word))]
    found = []
    for start, (first, head) in enumerate(places):
        for end in range(start + 2, min(len(joined), start + _LONGEST) + 1):
            last, tail = places[end - 1]
            whole_head = head == 0 or len(run[first]) - head > 1
            whole_tail = tail + 1 == len(run[last]) or tail > 0
            if first == last or (whole_head and whole_tail):
                found.append(joined[start:end])
    return found


def _learn(connection: sa.Connection, text: str) -> None:
    words = sorted(word for word in set(text.split()) if re.fullmatch(r"\D{2,40}", word))
    if words:
        connection.execute(
            sa.text("insert into search_words (word) values (:word) on conflict do nothing"),
            [{"word": word} for word in words],
        )
