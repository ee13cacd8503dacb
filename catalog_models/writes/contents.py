"""Writes `contents` and `series`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, Text, Uuid, any_, bindparam, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, object_session

from catalog_models.search.document import document_of
from catalog_models.tables import Content, Series, Thumbnail
from catalog_models.writes import search_words

# The advisory lock of processes that regroup files.
_REGROUPING_LOCK = 7_365_118_004


def lock(session: Session) -> None:
    """Lock regrouping until the transaction ends, so that two processes do not create one title twice."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _REGROUPING_LOCK})


def create(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, uuid.UUID]:
    """Store new titles, and return their ids by their content keys."""
    if not rows:
        return {}
    documents = [document_of(row) for row in rows]
    _insert(session, [{**row, **document._asdict()} for row, document in zip(rows, documents, strict=True)])
    search_words.add(session, (part for document in documents for part in document[:2]))
    made = Content.content_key == any_(literal([row["content_key"] for row in rows], ARRAY(Text)))
    return dict(session.execute(select(Content.content_key, Content.id).where(made)).tuples().all())


def _insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert titles, those of the same columns at once.

    One prepared statement, executed for each row, takes half the time of one with all values, which
    `RETURNING` needs.
    """
    # First store the changes of titles that give up their content key.
    session.flush()
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(sorted(row)), []).append(row)
    table = cast("Table", Content.__table__)
    for group in alike.values():
        session.connection().execute(insert(table), group)


def change(content: Content, columns: Mapping[str, Any]) -> bool:
    """Set the columns of a title that differ. Return whether any did, that is, whether to announce a change.

    The search document follows, even if only an older version of the program made it.
    """
    known = (content.search_title, content.search_fields)
    differing = {name: value for name, value in columns.items() if getattr(content, name) != value}
    for name, value in differing.items():
        setattr(content, name, value)
    described = content.describe()
    if known != (content.search_title, content.search_fields) and (session := object_session(content)):
        search_words.add(session, (content.search_title, content.search_fields))
    return bool(differing) or described


def withdraw(session: Session, content_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Hide titles that have no file left. Their rows stay. Return those that were shown."""
    shown = select(Content.id).where(Content.id.in_(content_ids), Content.is_visible)
    ids = list(session.scalars(shown))
    hidden = {"is_visible": False, "status": "gone", "best_file_id": None, "best_file_reason": None}
    session.execute(update(Content).where(Content.id.in_(content_ids)).values(hidden))
    return ids


def mark_indexed(session: Session, versions: Mapping[uuid.UUID, dt.datetime]) -> None:
    """Record which `updated_at` of these titles the search server has."""
    rows = [{"key": key, "version": version} for key, version in versions.items()]
    if rows:
        _mark(session, rows)


def mark_rebuilt(session: Session, versions: Mapping[uuid.UUID, dt.datetime]) -> None:
    """Record that the search server has these titles and no others; all others become due."""
    others = update(Content).where(Content.indexed_at.is_not(None)).values(indexed_at=None, **_UNCHANGED)
    session.execute(others, execution_options={"synchronize_session": False})
    mark_indexed(session, versions)


def mark_due(session: Session, ids: Collection[str]) -> set[str]:
    """Have the next ingest send these titles to the search server; return the ids that exist."""
    wanted = [uuid.UUID(key) for key in ids if _is_id(key)]
    # An array is one parameter, and a statement takes at most 65,535.
    among = Content.id == any_(literal(wanted, ARRAY(Uuid)))
    due = update(Content).where(among).values(indexed_at=None, **_UNCHANGED)
    found = session.scalars(due.returning(Content.id), execution_options={"synchronize_session": False})
    return {str(key) for key in found}


def _is_id(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key
    except ValueError:
        return False


# Keeps `updated_at`, which would otherwise change and make the title due again.
_UNCHANGED: dict[str, Any] = {"updated_at": Content.updated_at}


def _mark(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    table = cast("Table", Content.__table__)
    statement = update(table).where(table.c.id == bindparam("key"))
    changed = {"indexed_at": bindparam("version"), "updated_at": table.c.updated_at}
    session.connection().execute(statement.values(changed), list(rows))


def series_ids(session: Session, wanted: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, uuid.UUID]:
    """Return the ids of series by their titles. Create missing ones with brand, region and year."""
    rows = {
        name: {
            "title": name,
            "brand": title["brand"],
            "region": title.get("region"),
            "year": title.get("year"),
        }
        for name, title in wanted
    }
    if rows:
        session.execute(insert(Series).on_conflict_do_nothing(), list(rows.values()))
    return dict(session.execute(select(Series.title, Series.id).where(Series.title.in_(rows))).tuples().all())


def show_posters(session: Session, file_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Set the posters of the titles whose best file is one of these. Return their ids."""
    poster = (
        select(Thumbnail.path)
        .where(Thumbnail.media_file_id == Content.best_file_id, Thumbnail.kind == "poster")
        .scalar_subquery()
    )
    statement = (
        update(Content)
        .where(Content.best_file_id.in_(file_ids))
        .values(thumbnail_path=poster, updated_at=func.now())
        .returning(Content.id)
    )
    return list(session.scalars(statement, execution_options={"synchronize_session": False}))
