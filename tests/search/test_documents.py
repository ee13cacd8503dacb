"""Every write of a title also writes its search document."""

from __future__ import annotations

import ast
import inspect
import uuid

import pytest
from sqlalchemy import cast, exists, insert, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog_models.search.document import SOURCES
from catalog_models.tables import Content, SearchWord
from catalog_models.writes import contents, search_words
from tests.search.conftest import Catalogue


def has(catalogue: Catalogue, query: str) -> set[uuid.UUID]:
    with Session(catalogue.transactions.engine) as session:
        found = select(Content.id).where(Content.search_vector.bool_op("@@")(cast(query, TSQUERY)))
        return set(session.scalars(found))


def knows(catalogue: Catalogue, word: str) -> bool:
    with Session(catalogue.transactions.engine) as session:
        return bool(session.scalar(select(exists().where(SearchWord.word == word))))


def test_new_titles_are_found_and_their_words_stored(catalogue: Catalogue) -> None:
    first, second = catalogue.add("Ashbrook wins", "Wexley wins", brand="WSOP")
    assert has(catalogue, "ashbrook:A") == {first}
    assert has(catalogue, "wins") == {first, second}
    assert has(catalogue, "'series':B") == {first, second}
    assert knows(catalogue, "ashbrook")
    assert knows(catalogue, "poker")


def test_a_changed_title_is_found_by_its_new_words_only(catalogue: Catalogue) -> None:
    (key,) = catalogue.add("Ashbrook wins", file_path="masters/a.mxf")
    assert catalogue.change(key, title="Wexley wins", players=["Ann Holt"], file_path="masters/b.mxf")
    assert has(catalogue, "ashbrook:A") == has(catalogue, "a") == set()
    assert has(catalogue, "wexley:A") == has(catalogue, "holt:B") == has(catalogue, "masters:C") == {key}
    assert knows(catalogue, "wexley")
    assert not knows(catalogue, "masters"), "paths have too many typing errors to correct others by"
    assert not catalogue.change(key, title="Wexley wins"), "an unchanged title is not announced"


def test_setting_a_field_updates_the_document(catalogue: Catalogue) -> None:
    with Session(catalogue.transactions.engine) as session, session.begin():
        session.add(row := Content(title="Ashbrook", short_title="x", content_key="k"))
        session.flush()
        row.stage = "final_table"
    with Session(catalogue.transactions.engine) as session, session.begin():
        session.scalars(select(Content)).one().year = 2031
    assert has(catalogue, "'2031' & final & table & ft & ashbrook:A")


def test_the_database_refuses_a_title_without_a_document(catalogue: Catalogue) -> None:
    with Session(catalogue.transactions.engine) as session, pytest.raises(IntegrityError):
        session.execute(insert(Content), [{"title": "x", "short_title": "x", "content_key": "k"}])


def test_no_bulk_update_changes_the_source_of_a_document() -> None:
    """`update(Content)` does not update documents: fields of titles are set on the rows."""
    tree = ast.parse(inspect.getsource(contents))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        if "update(Content" in (source := ast.unparse(function)):
            named: set[object] = {
                node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword)
            }
            named |= {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
            assert not named & set(SOURCES), function.name


def test_the_next_grouping_updates_documents_of_an_older_version(catalogue: Catalogue) -> None:
    (key,) = catalogue.add("Ashbrook wins", buy_in=10_000)
    with catalogue.transactions.engine.begin() as connection:
        connection.exec_driver_sql("update contents set search_fields = ''")
    assert has(catalogue, "'10k'") == set()
    assert catalogue.change(key, title="Ashbrook wins")
    assert has(catalogue, "'10k'") == {key}


def test_unused_words_are_removed(catalogue: Catalogue) -> None:
    (key, _) = catalogue.add("Ashbrok wins", "Wexley wins")
    catalogue.change(key, title="Ashbrook wins", short_title="Ashbrook")
    assert catalogue.transactions.in_session(search_words.remove_unused) == 1
    assert not knows(catalogue, "ashbrok")
    assert knows(catalogue, "ashbrook")
    assert knows(catalogue, "wexley")
