"""The folder of an export. It is written under another name, and read only if it matches its manifest."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog_models.errors import RefusedError
from tasks.export.unfinished_folders import PART, unfinished
from tasks.media.folders import is_inside

FORMAT = 1
_MANIFEST = "manifest.json"
# Seconds.
_DAY = 86_400.0
# An export contains hashes of passwords.
_PRIVATE = 0o600


class ExportUnusableError(RefusedError):
    """An export cannot be written or read; nothing was changed."""

    code = "export_unusable"


@dataclass
class Writer:
    """Writes the files of an export, and records rows and SHA-256 of each for the manifest."""

    folder: Path
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Write `name.jsonl`, one object a line. Return the number of lines."""
        digest, count = hashlib.sha256(), 0
        with _private(self.folder / f"{name}.jsonl") as file:
            for row in rows:
                line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                digest.update(line)
                file.write(line)
                count += 1
        self.files[f"{name}.jsonl"] = {"rows": count, "sha256": digest.hexdigest()}
        return count

    def text(self, name: str, content: str) -> None:
        """Write a text file, and make its folder if necessary."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with _private(path) as file:
            file.write(content.encode())
        self.files[name] = {"sha256": hashlib.sha256(content.encode()).hexdigest()}

    def adopt(self, name: str) -> None:
        """Record a file that another program wrote."""
        with (self.folder / name).open("rb") as file:
            os.fsync(file.fileno())
            self.files[name] = {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}

    def manifest(self, said: Mapping[str, Any]) -> None:
        """Write the manifest, as the last file."""
        whole = {"format": FORMAT, **said, "files": self.files}
        with _private(self.folder / _MANIFEST) as file:
            file.write(json.dumps(whole, indent=1).encode())


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def new_folder(final: Path, roots: Iterable[bytes], home: Path | None = None) -> Iterator[Path]:
    """Make a folder beside `final`, and rename it to `final` if the block succeeds.

    A record of it is kept in `home`: if this process is killed, the next command removes the folder. Raise
    `ExportUnusableError` if `final` is not empty, cannot be written, or lies in one of the archive's `roots`.
    """
    with ExitStack() as held:
        try:
            expect_usable(final, roots)
            final.parent.mkdir(parents=True, exist_ok=True)
            part = held.enter_context(unfinished(final, home))
        except OSError as error:
            raise ExportUnusableError(f"cannot write to {final}: {error.strerror}") from error
        yield part
        part.replace(final)


def make_exports_folder(folder: Path) -> None:
    """Make the private folder for exports. Raise `ExportUnusableError` if that is not possible."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ExportUnusableError(f"cannot make {folder}: {error.strerror}") from error


def expect_usable(final: Path, roots: Iterable[bytes]) -> None:
    """Raise `ExportUnusableError` if `final` is not empty, or lies in one of the archive's `roots`."""
    try:
        _expect_room(final)
        _expect_outside(final, roots)
    except OSError as error:
        raise ExportUnusableError(f"cannot write to {final}: {error.strerror}") from error


def _expect_room(final: Path) -> None:
    if final.is_symlink():
        raise ExportUnusableError(
            f"{final} is a symbolic link: name the folder that it points to, or one in it"
        )
    if os.path.ismount(final):
        raise ExportUnusableError(
            f"{final} is a mount point: name a folder below it, such as {final / 'wsoptv'}"
        )
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise ExportUnusableError(f"{final} exists and is not empty: name another folder")


def _expect_outside(final: Path, roots: Iterable[bytes]) -> None:
    place = os.fsencode(os.path.realpath(final))
    for root in roots:
        if is_inside(place, root):
            raise ExportUnusableError(
                f"{final} is in the archive {os.fsdecode(root)}, which is read-only: name another folder"
            )


def forget_leftovers(parent: Path, prefix: str) -> None:
    """Remove folders with this prefix that killed processes left unfinished: those unchanged for a day."""
    for left in parent.glob(f".{glob.escape(prefix)}*{PART}"):
        # Another export may just have been renamed.
        with suppress(OSError):
            written = max(path.lstat().st_mtime for path in (left, *left.rglob("*")))
            if time.time() - written > _DAY:
                shutil.rmtree(left, ignore_errors=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an export. Raise `ExportUnusableError`."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if manifest["format"] > FORMAT:
            raise ExportUnusableError(
                f"{folder} was written by a newer version of WSOPTV: install that version"
            )
        return {"schema": str(manifest["schema"]), "files": dict(manifest["files"]), **manifest}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExportUnusableError(f"{folder} is not an export: it has no {_MANIFEST}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ExportUnusableError(f"{folder / _MANIFEST} is damaged: {error}") from error


def check(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raise `ExportUnusableError`, naming the first file that does not match the manifest."""
    for name, said in manifest["files"].items():
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise ExportUnusableError(f"{folder / _MANIFEST} names {name}, which is outside the folder")
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ExportUnusableError(f"cannot read {path}: {error.strerror}") from error
        if digest != said.get("sha256"):
            raise ExportUnusableError(
                f"{path} does not match the manifest: use another copy of the export. Nothing was restored"
            )


def lines(folder: Path, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of `name.jsonl` with their line numbers; nothing if the file does not exist."""
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                found = json.loads(line)
            except ValueError as error:
                raise ExportUnusableError(f"{path}, line {number}, is not JSON: {error}") from error
            if not isinstance(found, dict):
                raise ExportUnusableError(f"{path}, line {number}, is not a JSON object")
            yield number, found
