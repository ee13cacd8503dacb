"""The tables of a new Prefect database, as Prefect's migrations create them.

Its 110 migrations take 6 s of processor time; a script of their result takes milliseconds. Write it again
after an update of Prefect: `python -m deployments.stack.prefect_tables`.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

_SCRIPT = Path(__file__).with_suffix(".sql")


def database_of(home: Path) -> Path:
    """Return the path of Prefect's SQLite database."""
    return home / "prefect.db"


def make_tables(home: Path) -> None:
    """Create the database of Prefect's home with its tables, unless it exists.

    With another version of Prefect this does nothing, and Prefect migrates an empty database.
    """
    database, part = database_of(home), home / ".prefect.db.part"
    if database.exists() or not is_current():
        return
    home.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as new:
        new.executescript(_SCRIPT.read_text())
    part.rename(database)


def is_current() -> bool:
    """Return whether the script fits the installed version of Prefect."""
    with _SCRIPT.open() as script:
        return script.readline() == _head()


def _head() -> str:
    return f"-- The tables of Prefect {version('prefect')}.\n"


def _write() -> None:
    """Let Prefect migrate a new database, and write its tables as a script."""
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        # The order in which migrations process objects depends on hashes.
        environment = {**inherited, "PREFECT_HOME": folder, "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
        subprocess.run(command, env=environment, check=True)
        with closing(sqlite3.connect(database_of(Path(folder)))) as migrated:
            _SCRIPT.write_text(_head() + "\n".join(migrated.iterdump()) + "\n")


if __name__ == "__main__":
    _write()
