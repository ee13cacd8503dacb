"""Conditions and order that the queries of the search share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast
from sqlalchemy.dialects.postgresql import TSQUERY

from catalog_models.tables import Content
from serving.search.terms import Term, tsquery


def newest(of: Any = Content) -> tuple[ColumnElement[Any], ...]:
    """Return the order by age, which is that of the index `ix_contents_newest`; `of` has the columns of
    `contents`."""
    return (of.year.desc().nulls_last(), of.date.desc().nulls_last(), of.title, of.id)


def has(terms: Sequence[Term], weight: str = "", of: Any = Content) -> ColumnElement[bool]:
    """Return the condition that a title has all terms, in words of this weight (`A`: in the title) or any.

    Written into the statement, for the plan depends on the words: one that is prepared for any words reads
    the whole table for some. It holds letters, digits and our own operators alone.
    """
    written = bindparam(None, tsquery(terms, weight), type_=Text, literal_execute=True)
    condition: ColumnElement[bool] = of.search_vector.bool_op("@@")(cast(written, TSQUERY))
    return condition
