"""The system account that runs the servers: PostgreSQL refuses root."""

from __future__ import annotations

import os
import pwd
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.stack.errors import StackError
from deployments.stack.server import bound_to_parent


@dataclass(frozen=True)
class SystemAccount:
    """The account that runs a server; `changes` if it is not that of this process."""

    uid: int
    gid: int
    changes: bool = False

    @classmethod
    def for_data(cls, existing: Path | None) -> SystemAccount:
        """Return the current account; for root, the owner of `existing` data, else `postgres` or `nobody`.

        Raises `StackError`.
        """
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if existing is not None:
            facts = existing.stat()
            return cls(facts.st_uid, facts.st_gid, changes=True)
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, changes=True)
        raise StackError(
            "PostgreSQL does not run as root, and no account `postgres` or `nobody` exists: create one"
        )

    def has_access(self, path: Path, access: int) -> bool:
        """Return whether the account has this `os.access` to a path.

        A child process asks the kernel, which considers parents, access lists and groups.
        """
        if not self.changes:
            return os.access(path, access)
        process = os.fork()
        if process == 0:
            code = 2
            try:
                self._become()
                code = 0 if os.access(path, access) else 1
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if code not in (0, 1):
            raise StackError(
                f"root cannot run a program as the account {self.uid} here, and PostgreSQL refuses root: "
                "run wsoptv as an unprivileged user, or set DATABASE_URL"
            )
        return code == 0

    def _become(self) -> None:
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)

    def create_private_folder(self, path: Path) -> Path:
        """Create a private folder of the account."""
        path.mkdir(exist_ok=True, mode=0o700)
        if self.changes:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(0o700)
        return path

    def child(self, on_parent_exit: signal.Signals) -> dict[str, Any]:
        """Return the arguments of `Popen` for a child of this account.

        The child gets the signal when the thread that started it ends. It inherits no variables: they hold
        secrets, and some would change the server's configuration.
        """
        change = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.changes else {}
        known = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        return {
            "cwd": "/",
            "env": {"PATH": os.defpath, "LANG": "C", **known},
            "preexec_fn": bound_to_parent(on_parent_exit),
            **change,
        }
