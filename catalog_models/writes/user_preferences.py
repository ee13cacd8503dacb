"""Writes `user_preferences`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, cast, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Session

from catalog_models.tables import UserPreferences


def merge(
    session: Session, user_id: uuid.UUID, chosen: Mapping[str, Any], reset: Collection[str]
) -> dict[str, Any]:
    """Set the preferences `chosen`, remove those named in `reset`, and return all that are stored now.

    One statement, so that two devices that change different preferences at the same time both succeed.
    """
    statement = insert(UserPreferences).values(user_id=user_id, chosen=chosen)
    changed = UserPreferences.chosen.op("||")(cast(chosen, JSONB)).op("-")(cast(list(reset), ARRAY(Text)))
    merged: dict[str, Any] = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["user_id"], set_={"chosen": changed, "updated_at": func.now()}
        ).returning(UserPreferences.chosen)
    ).one()
    return merged
