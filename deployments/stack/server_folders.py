"""Where the servers keep their data and their sockets: in the home when they can, else where they get to."""

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

CLUSTER = "postgres"  # the folder of PostgreSQL's data
_SOCKET_LIMIT = 100 - len("/.s.PGSQL.5432")  # bytes; the kernel takes 107 with the name (unix(7))
_PLAIN = re.compile(rb"[A-Za-z0-9/._-]+")  # libpq reads a comma as a list of hosts, an @ as no file at all


@dataclass(frozen=True)
class ServerFolders:
    """`data` holds the folders of the servers' data, which belong to `account`; `sockets` is private to it."""

    account: SystemAccount
    data: Path
    sockets: Path


def find_server_folders(layout: Layout) -> ServerFolders:
    """Where the data are, and if there are none yet, where they are to be. Raises `StackError`."""
    data = existing_data(layout)
    account = SystemAccount.for_data(data and data / CLUSTER)
    if data is None:
        data = _new_data(layout, account)
    elif not account.may(data / CLUSTER, os.R_OK | os.W_OK | os.X_OK):
        raise StackError(
            f"the account {account.uid}, which owns {data / CLUSTER}, cannot get there any more: let it pass "
            f"through every folder above (`chmod o+x …`)"
        )
    return ServerFolders(account, data, _sockets(layout, data, account))


def existing_data(layout: Layout) -> Path | None:
    """The folder that has the home's database, if there is one."""
    identity = layout.identity(new=False)
    candidates = [layout.home, *([SHARED / identity] if identity and os.geteuid() == 0 else [])]
    found = next((folder for folder in candidates if (folder / CLUSTER).exists()), None)
    if found is not None and found != layout.home:
        _expect_no_copy(layout, found)
    return found


def _expect_no_copy(layout: Layout, data: Path) -> None:
    """Refuse a home that was copied with its name: two keepers would start one database."""
    known = Path(os.fsdecode((data / "home").read_bytes()))
    if known == layout.home or not (known / "id").exists():
        return  # itself, or moved
    if (known / "id").samefile(layout.home / "id"):
        return  # the same by another path
    if (known / "id").read_text().strip() == layout.identity():
        raise StackError(
            f"{layout.home} is a copy of {known}, and the database in {data} belongs to that one: remove "
            f"{layout.home / 'id'} to begin with an empty database"
        )


def _new_data(layout: Layout, account: SystemAccount) -> Path:
    if account.may(layout.home, os.X_OK):
        return layout.home
    if account.may(layout.home.parent, os.X_OK) and _is_private(layout.home):
        # The account's group may pass through, and only that.
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
    """`run` beside the data while its path is short and plain, else a private folder of the same address each time."""
    inside = data / "run"
    if _fits(inside):
        return account.own(inside)
    try:
        known = Path(os.fsdecode(layout.socket_record.read_bytes()))
    except FileNotFoundError:
        return _new_sockets(layout, account)
    try:
        known.mkdir(mode=0o700)  # it was removed when the stack stopped; users may still know its address
    except FileExistsError:
        return known if _is_ours(known, account) else _new_sockets(layout, account)
    except OSError:
        return _new_sockets(layout, account)
    return account.own(known)


def _fits(folder: Path) -> bool:
    path = os.fsencode(folder)
    return len(path) <= _SOCKET_LIMIT and _PLAIN.fullmatch(path) is not None


def _new_sockets(layout: Layout, account: SystemAccount) -> Path:
    """A folder that nobody else can have made: mkdtemp answers only what it made itself."""
    for temporary in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - the name below it is mkdtemp's
        if _fits(Path(temporary, "wsoptv-12345678")) and account.may(Path(temporary), os.X_OK):
            folder = account.own(Path(tempfile.mkdtemp(prefix="wsoptv-", dir=temporary)))
            replace(layout.socket_record, os.fsencode(folder))
            return folder
    raise StackError(
        f"no temporary folder is short enough for sockets, {tempfile.gettempdir()} is not: set TMPDIR"
    )


def _is_ours(folder: Path, account: SystemAccount) -> bool:
    facts = folder.lstat()
    return (
        stat.S_ISDIR(facts.st_mode) and facts.st_uid == account.uid and stat.S_IMODE(facts.st_mode) == 0o700
    )
