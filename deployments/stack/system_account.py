"""As whom the servers run: PostgreSQL refuses root."""

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
    """Whom a server runs as; `changes` when that is not ourselves."""

    uid: int
    gid: int
    changes: bool = False

    @classmethod
    def for_data(cls, existing: Path | None) -> SystemAccount:
        """Oneself; for root whoever owns the `existing` data, else `postgres` or `nobody`. Raises `StackError`."""
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
            "PostgreSQL does not run as root, and there is neither an account postgres nor nobody: add one"
        )

    def may(self, path: Path, access: int) -> bool:
        """Whether the account has this `os.access` to a path: the kernel says, it knows parents, lists and groups."""
        if not self.changes:
            return os.access(path, access)
        process = os.fork()
        if process == 0:
            answer = 2
            try:
                self._become()
                answer = 0 if os.access(path, access) else 1
            finally:
                os._exit(answer)
        answer = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if answer not in (0, 1):
            raise StackError(
                f"root may not run a program as the account {self.uid} here, and PostgreSQL refuses root: "
                "run wsoptv as an ordinary user, or set DATABASE_URL"
            )
        return answer == 0

    def _become(self) -> None:
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)

    def own(self, path: Path) -> Path:
        """Make a private folder of the account."""
        path.mkdir(exist_ok=True, mode=0o700)
        if self.changes:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(0o700)
        return path

    def child(self, on_parent_exit: signal.Signals) -> dict[str, Any]:
        """Arguments of `Popen`: a child of this account, which gets the signal when the thread that started it ends.

        It sees no variable of ours: they hold secrets, and some would configure a server behind our back.
        """
        change = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.changes else {}
        known = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        return {
            "cwd": "/",
            "env": {"PATH": os.defpath, "LANG": "C", **known},
            "preexec_fn": bound_to_parent(on_parent_exit),
            **change,
        }
