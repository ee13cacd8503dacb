"""The files and folders of a home.

There are three groups of servers: the databases, which every command needs, the Prefect server and the
Prefect worker. Each has its own keeper, users and locks. A keeper is itself a user of the groups that its
servers need: so the locks determine the order in which all stop, also after a kill.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployments.stack.errors import home_errors
from deployments.stack.locks import lock_within, opened

DATABASES, PREFECT, WORKER = GROUPS = ("", "prefect", "worker")

# The names of the secrets that belong to the embedded servers.
OF_POSTGRES, OF_PREFECT = "postgres-password", "prefect-auth"
# The first start creates the database; one after a crash replays its log.
START_SECONDS = 300.0


@dataclass(frozen=True)
class Layout:
    """The files of a group of servers in a home; those of the databases are in the home itself.

    Users hold `users_lock` shared, and the keeper waits for exclusive access. It holds `keeper_lock` while it
    runs.
    """

    home: Path
    group: str = DATABASES

    @property
    def base(self) -> Path:
        """The folder of the group."""
        return self.home / self.group

    @property
    def users_lock(self) -> Path:
        return self.base / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.base / "keeper.lock"

    @property
    def keeper_log(self) -> Path:
        return self.logs / ("-".join(filter(None, (self.group, "keeper"))) + ".log")

    @property
    def users(self) -> Path:
        return self.base / "users"

    @property
    def state(self) -> Path:
        return self.base / "stack.json"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def password(self) -> Path:
        return self.home / "secrets" / OF_POSTGRES

    @property
    def socket_record(self) -> Path:
        """The file with the path of the sockets' folder, if that is outside the home."""
        return self.home / "sockets.path"

    def make(self) -> None:
        """Create the home, private to its user. Raises `StackError`."""
        with home_errors(self.home):
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.base, self.users, self.logs, self.password.parent):
                folder.mkdir(exist_ok=True, mode=0o700)

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Hold the lock of a user that enters or starts a keeper. Raises `StackError`."""
        path = self.base / "gate.lock"
        with opened(path) as lock:
            lock_within(lock, fcntl.LOCK_EX, START_SECONDS, f"{path} is held by a start that does not end")
            yield

    def identity(self, new: bool = True) -> str | None:
        """Return the unique name of this home, which a later home at the same path does not have.

        `new` creates one if it is missing.
        """
        file = self.home / "id"
        if new and not file.exists():
            replace(file, uuid.uuid4().hex.encode())
        return file.read_text().strip() if file.exists() else None


def replace(path: Path, content: bytes) -> None:
    """Write a private file aside, and rename it once it is on the disk: no reader sees half of it."""
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
