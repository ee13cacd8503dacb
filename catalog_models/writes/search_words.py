"""Writes `search_words`: the vocabulary that typing errors are corrected against."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Text, delete, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from catalog_models.tables import Content, SearchWord

_DIGIT = re.compile(r"\d")
# The fewest and the most letters of a word that is stored.
_SHORTEST, _LONGEST = 2, 40


def add(session: Session, documents: Iterable[str]) -> int:
    """Add the words of these parts of documents. Return how many were new.

    The words are sorted, so that two transactions wait for each other in the same order.
    """
    met = {word for document in documents for word in document.split()}
    words = sorted(filter(_is_word, met))
    if not words:
        return 0
    added = select(func.unnest(literal(words, ARRAY(Text))))
    learned = insert(SearchWord).from_select(["word"], added).on_conflict_do_nothing()
    return len(session.connection().execute(learned.returning(SearchWord.word)).all())


def remove_unused(session: Session) -> int:
    """Delete the words that no shown title has any more. Return their number."""
    parts = func.string_to_table(Content.search_title + " " + Content.search_fields, " ")
    words = parts.table_valued("word").render_derived("parts")
    used = select(words.c.word).select_from(Content).join(words, true()).where(Content.is_visible)
    unused = delete(SearchWord).where(SearchWord.word.not_in(used)).returning(SearchWord.word)
    return len(session.scalars(unused, execution_options={"synchronize_session": False}).all())


def _is_word(text: str) -> bool:
    return _SHORTEST <= len(text) <= _LONGEST and not _DIGIT.search(text)
