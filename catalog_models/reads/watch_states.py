"""Whether a viewer has watched a title: not yet, in part, or to its end."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, or_

from catalog_models.tables import WatchProgress
from catalog_models.values import WatchState

BEGUN = 10.0
"""The position in seconds from which a title counts as begun."""

WATCH_STATES = tuple(WatchState)

IS_BEGUN: ColumnElement[bool] = ~WatchProgress.completed & (WatchProgress.progress_seconds >= BEGUN)
"""The condition on progress that the title is begun, but not completed."""


def in_watch_state(
    content_id: SQLColumnExpression[uuid.UUID], viewer: uuid.UUID, states: Collection[WatchState]
) -> ColumnElement[bool]:
    """Return the condition that the title is in one of these states for this viewer."""
    conditions = {
        WatchState.NEW: ~_progress(content_id, viewer, WatchProgress.completed | IS_BEGUN),
        WatchState.BEGUN: _progress(content_id, viewer, IS_BEGUN),
        WatchState.WATCHED: _progress(content_id, viewer, WatchProgress.completed),
    }
    return or_(*(conditions[state] for state in states))


def _progress(
    content_id: SQLColumnExpression[uuid.UUID], viewer: uuid.UUID, condition: SQLColumnExpression[bool]
) -> ColumnElement[bool]:
    return exists().where(WatchProgress.content_id == content_id, WatchProgress.user_id == viewer, condition)
