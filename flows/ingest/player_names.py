"""Names of players: proposals from the catalogue's files, and those that a person confirms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.errors import ExpectedError
from catalog_models.reads.known_players import known_names
from catalog_models.tables import Actor, MediaFile
from catalog_models.writes import audit_log, known_players
from tasks.titles import Proposal, propose_players
from tasks.titles import known_players as known_among

# The most characters of a name.
_LONGEST = 100
# The most proposals. More would not be read.
_MOST = 1_000


class InvalidNameError(ExpectedError):
    """A name to confirm is empty, too long, or not text."""

    code = "invalid_name"


@dataclass(frozen=True)
class Proposals:
    """The proposed names, the most frequent first, and their total number."""

    items: list[Proposal]
    total: int


def find_proposals(session: Session) -> Proposals:
    """Return the names in the paths of present files that may be players and are not known."""
    paths = session.scalars(
        select(MediaFile.path_text).where(MediaFile.missing_since.is_(None)).order_by(MediaFile.path_text)
    )
    found = propose_players(paths, known_among(known_names(session)))
    return Proposals(found[:_MOST], len(found))


def confirm_players(session: Session, names: Sequence[str], actor: Actor) -> None:
    """Store names of players, and record each in the audit log. Raise `InvalidNameError` for a wrong name."""
    checked = [check_name(name) for name in names]
    known_players.confirm(session, checked, actor.name)
    for name in checked:
        audit_log.note(session, actor, "player.confirm", ("player", name))


def check_name(name: str) -> str:
    """Return a name with single spaces. Raise `InvalidNameError` if it cannot be one."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST or not name.isprintable() or not any(map(str.isalpha, name)):
        raise InvalidNameError(
            f"{name[:40]!r} is not a name: a name has 1 to {_LONGEST} characters, with letters"
        )
    return name
