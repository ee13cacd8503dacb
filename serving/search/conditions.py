"""Conditions and orders that the search queries share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast
from sqlalchemy.dialects.postgresql import TSQUERY

from catalog_models.tables import Content
from serving.search.terms import Term, tsquery


def newest_first(of: Any = Content) -> tuple[ColumnElement[Any], ...]:
    """Return the order from the newest title, as in the index `ix_contents_newest`.

    `of` has the columns of `contents`.
    """
    return (of.year.desc().nulls_last(), of.date.desc().nulls_last(), of.title, of.id)


def has_terms(terms: Sequence[Term], weight: str = "", of: Any = Content) -> ColumnElement[bool]:
    """Return the condition that a title has all terms, in words of this weight (`A`: in its name) or of any.

    The words are literals of the statement, because the best plan depends on them: a plan for arbitrary words
    reads the whole table for some. The literal contains only letters, digits and our own operators.
    """
    written = bindparam(None, tsquery(terms, weight), type_=Text, literal_execute=True)
    condition: ColumnElement[bool] = of.search_vector.bool_op("@@")(cast(written, TSQUERY))
    return condition
