"""The folders of the servers' data and sockets: in the home if their account can reach it, else outside."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deployments.stack.errors import StackError
from deployments.stack.layout import Layout, replace
from deployments.stack.programs import SHARED
from deployments.stack.system_account import SystemAccount

# The folder of PostgreSQL's data.
CLUSTER = "postgres"
# Bytes; the kernel allows 107 with the name (unix(7)).
_SOCKET_LIMIT = 100 - len("/.s.PGSQL.5432")
# libpq reads a comma as a list of hosts, and an @ as an abstract socket.
_PLAIN = re.compile(rb"[A-Za-z0-9/._-]+")


@dataclass(frozen=True)
class ServerFolders:
    """The folders of the servers.

    `data` holds the folders of their data, which belong to `account`; `sockets` is private to it.
    """

    account: SystemAccount
    data: Path
    sockets: Path


def find_server_folders(layout: Layout) -> ServerFolders:
    """Return the folders of existing data, or choose folders for new data. Raises `StackError`."""
    data = existing_data(layout)
    account = SystemAccount.for_data(data and data / CLUSTER)
    if data is None:
        data = _new_data(layout, account)
    elif not account.has_access(data / CLUSTER, os.R_OK | os.W_OK | os.X_OK):
        raise StackError(
            f"the account {account.uid}, which owns {data / CLUSTER}, cannot reach it any more: allow it to "
            f"pass through every parent folder (`chmod o+x …`)"
        )
    return ServerFolders(account, data, _sockets(layout, data, account))


def existing_data(layout: Layout) -> Path | None:
    """Return the folder that holds the database of the home, if it exists."""
    identity = layout.identity(new=False)
    candidates = [layout.home, *([SHARED / identity] if identity and os.geteuid() == 0 else [])]
    found = next((folder for folder in candidates if (folder / CLUSTER).exists()), None)
    if found is not None and found != layout.home:
        _expect_no_copy(layout, found)
    return found


def _expect_no_copy(layout: Layout, data: Path) -> None:
    """Raise `StackError` for a home that was copied with its id: two keepers would start one database."""
    known = Path(os.fsdecode((data / "home").read_bytes()))
    if known == layout.home or not (known / "id").exists():
        # The home itself, or moved.
        return
    if (known / "id").samefile(layout.home / "id"):
        # The same home by another path.
        return
    if (known / "id").read_text().strip() == layout.identity():
        raise StackError(
            f"{layout.home} is a copy of {known}, and the database in {data} belongs to that home: remove "
            f"{layout.home / 'id'} to begin with an empty database"
        )


def _new_data(layout: Layout, account: SystemAccount) -> Path:
    if account.has_access(layout.home, os.X_OK):
        return layout.home
    if account.has_access(layout.home.parent, os.X_OK) and _is_private(layout.home):
        # Only the account's group may pass through.
        os.chown(layout.home, -1, account.gid)
        layout.home.chmod(0o710)
        return layout.home
    folder = SHARED / str(layout.identity())
    for new in (SHARED, folder):
        new.mkdir(exist_ok=True)
        new.chmod(0o755 if new == SHARED else 0o711)
    replace(folder / "home", os.fsencode(layout.home))
    return folder


def _is_private(home: Path) -> bool:
    facts = home.stat()
    return facts.st_uid == 0 and stat.S_IMODE(facts.st_mode) == 0o700


def _sockets(layout: Layout, data: Path, account: SystemAccount) -> Path:
    """Return `run` beside the data if its path is short and plain, else a permanent private folder."""
    inside = data / "run"
    if _fits(inside):
        return account.create_private_folder(inside)
    try:
        known = Path(os.fsdecode(layout.socket_record.read_bytes()))
    except FileNotFoundError:
        return _new_sockets(layout, account)
    try:
        # It was removed when the servers stopped, but users may still have its address.
        known.mkdir(mode=0o700)
    except FileExistsError:
        return known if _is_ours(known, account) else _new_sockets(layout, account)
    except OSError:
        return _new_sockets(layout, account)
    return account.create_private_folder(known)


def _fits(folder: Path) -> bool:
    path = os.fsencode(folder)
    return len(path) <= _SOCKET_LIMIT and _PLAIN.fullmatch(path) is not None


def _new_sockets(layout: Layout, account: SystemAccount) -> Path:
    """Create a folder with mkdtemp, so that no other user can have created it."""
    for temporary in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp chooses the name
        if _fits(Path(temporary, "wsoptv-12345678")) and account.has_access(Path(temporary), os.X_OK):
            folder = account.create_private_folder(Path(tempfile.mkdtemp(prefix="wsoptv-", dir=temporary)))
            replace(layout.socket_record, os.fsencode(folder))
            return folder
    raise StackError(
        f"the path of the temporary folder {tempfile.gettempdir()} is too long for sockets: set TMPDIR"
    )


def _is_ours(folder: Path, account: SystemAccount) -> bool:
    facts = folder.lstat()
    return (
        stat.S_ISDIR(facts.st_mode) and facts.st_uid == account.uid and stat.S_IMODE(facts.st_mode) == 0o700
    )
