"""The state of a home: the servers that its keepers run, and its users."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.stack.layout import GROUPS, PREFECT, Layout, replace
from deployments.stack.locks import is_free
from deployments.stack.users import StackUser, current_users

if TYPE_CHECKING:
    # Takes half a second to import, and the keeper does not need it.
    from orchestration.settings import Settings

READY = "ready"


@dataclass(frozen=True)
class KeeperNote:
    """The record of a keeper. `state`: starting, ready or healing; `urls` and `pids` by server."""

    state: str
    pid: int
    data: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    def write(self, layout: Layout) -> None:
        """Replace the note. Only the user of the home can read it: the addresses include the password."""
        replace(layout.state, json.dumps(asdict(self)).encode())


def read_note(layout: Layout) -> KeeperNote | None:
    """Return the note of the running keeper; None if none runs, or it has not written a note yet."""
    if is_free(layout.keeper_lock):
        return None
    try:
        return KeeperNote(**json.loads(layout.state.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@dataclass(frozen=True)
class StackState:
    """The embedded servers and the users of a home.

    `keeper`: the pid of the keeper of the databases; `parts`: the running servers; `data`: the folder of the
    databases; `prefect_url`: the address of the API of the embedded Prefect server.
    """

    keeper: int | None
    parts: tuple[str, ...]
    users: tuple[StackUser, ...]
    data: Path | None
    prefect_url: str | None = None


def describe_stack(settings: Settings) -> StackState:
    """Return the state of the home. Changes nothing."""
    layout = Layout(settings.home)
    notes = {group: note for group in GROUPS if (note := read_note(Layout(settings.home, group)))}
    users = tuple(user for user, _file in current_users(layout))
    parts = tuple(part for note in notes.values() for part in note.pids)
    prefect_url = next(iter(notes[PREFECT].urls.values()), None) if PREFECT in notes else None
    note = notes.get(layout.group)
    if note is None:
        return StackState(None, parts, users, None, prefect_url)
    return StackState(note.pid, parts, users, Path(note.data) if note.data else None, prefect_url)
