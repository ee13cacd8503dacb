"""What runs for a home: the keeper's note of it, and who uses it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.stack.layout import GROUPS, PREFECT, Layout, replace
from deployments.stack.locks import is_free
from deployments.stack.users import StackUser, current_users

if TYPE_CHECKING:
    from orchestration.settings import Settings  # half a second to import, which the keeper does without

READY = "ready"


@dataclass(frozen=True)
class KeeperNote:
    """What the keeper writes down: `state` is starting, ready, healing or stopping; addresses and pids by server."""

    state: str
    pid: int
    data: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    def write(self, layout: Layout) -> None:
        """Replace the note; the addresses hold the password, so it is for the home's user only."""
        replace(layout.state, json.dumps(asdict(self)).encode())


def read_note(layout: Layout) -> KeeperNote | None:
    """The note of a living keeper, None when none lives or it has written none yet."""
    if is_free(layout.keeper_lock):
        return None
    try:
        return KeeperNote(**json.loads(layout.state.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@dataclass(frozen=True)
class StackState:
    """`keeper` is the pid of the process that keeps the embedded databases, None when none lives; `prefect_url` is
    the address of the embedded Prefect server's API."""

    keeper: int | None
    parts: tuple[str, ...]
    users: tuple[StackUser, ...]
    data: Path | None
    prefect_url: str | None = None


def describe_stack(settings: Settings) -> StackState:
    """Who uses the home now, which embedded servers run, and where their data lie. Changes nothing."""
    layout = Layout(settings.home)
    notes = {group: note for group in GROUPS if (note := read_note(Layout(settings.home, group)))}
    users = tuple(user for user, _file in current_users(layout))
    parts = tuple(part for note in notes.values() for part in note.pids)
    prefect_url = next(iter(notes[PREFECT].urls.values()), None) if PREFECT in notes else None
    note = notes.get(layout.group)
    if note is None:
        return StackState(None, parts, users, None, prefect_url)
    return StackState(note.pid, parts, users, Path(note.data) if note.data else None, prefect_url)
