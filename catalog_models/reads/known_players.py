"""The names of players that the catalogue knows."""

from __future__ import annotations

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from catalog_models.tables import ContentOverride, KnownPlayer, MediaFile

# The rule for names with the cards of each player.
_SEATED = "hand-clip"


def unread_hands(session: Session) -> list[str]:
    """Return the paths of files that may be hands and whose titles have not been read."""
    query = select(MediaFile.path_text).where(
        MediaFile.title_at.is_(None), MediaFile.path_text.ilike("%hand%")
    )
    return list(session.scalars(query))


def known_names(session: Session) -> list[str]:
    """Return the players that people confirmed or set on titles, and those in the names of hands."""
    edited = select(func.jsonb_array_elements_text(ContentOverride.value).label("name")).where(
        ContentOverride.field == "players", func.jsonb_typeof(ContentOverride.value) == "array"
    )
    seated = select(func.jsonb_array_elements_text(MediaFile.title["players"]).label("name")).where(
        MediaFile.title["rule"].astext == _SEATED,
        func.jsonb_typeof(MediaFile.title["players"]) == "array",
    )
    names = union(select(KnownPlayer.name), edited, seated).subquery("names")
    return [name for name in session.scalars(select(names.c.name)) if name]
