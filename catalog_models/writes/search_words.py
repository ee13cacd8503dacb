"""Writes `search_words`: the vocabulary that typing errors are corrected against."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Text, delete, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from catalog_models.tables import Content, SearchWord

_DIGIT = re.compile(r"\d")
_SHORTEST, _LONGEST = 2, 40  # letters of a word that is worth to be known


def add(session: Session, documents: Iterable[str]) -> int:
    """Add the words of these parts of documents; answers how many were new. Sorted, so that two transactions wait for each
    other in one order."""
    met = {word for document in documents for word in document.split()}
    words = sorted(filter(_is_word, met))
    if not words:
        return 0
    given = select(func.unnest(literal(words, ARRAY(Text))))
    learned = insert(SearchWord).from_select(["word"], given).on_conflict_do_nothing()
    return len(session.connection().execute(learned.returning(SearchWord.word)).all())


def remove_unused(session: Session) -> int:
    """Take out the words that no shown title has any more; answers how many those were."""
    parts = func.string_to_table(Content.search_title + " " + Content.search_fields, " ")
    words = parts.table_valued("word").render_derived("parts")
    used = select(words.c.word).select_from(Content).join(words, true()).where(Content.is_visible)
    gone = delete(SearchWord).where(SearchWord.word.not_in(used)).returning(SearchWord.word)
    return len(session.scalars(gone, execution_options={"synchronize_session": False}).all())


def _is_word(text: str) -> bool:
    return _SHORTEST <= len(text) <= _LONGEST and not _DIGIT.search(text)
