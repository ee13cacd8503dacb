"""Backups and exports by the command line, from one home to another."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from catalog_models.engine import make_engine
from catalog_models.migrate import head_revision, migrate_to
from deployments.backup import make_backup, restore_backup
from deployments.stack import Stack
from orchestration.settings import Settings
from tasks.export.folder import ExportUnusableError
from tasks.export.unfinished_folders import remove_abandoned
from tests.cli.conftest import Command
from tests.plugins.ingest import Archive
from tests.plugins.servers import Administer, fresh_database
from tests.stack.conftest import until


def test_a_backup_is_restored_into_another_home(
    wsoptv: Command, archive: Archive, tmp_path: Path, stack: Stack, administer: Administer, template: str
) -> None:
    archive.put("WSOP 2031 Main Event Day 1.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    (title,) = json.loads(wsoptv("list", "--json").stdout)["items"]
    assert wsoptv("list", "--ids").stdout.split("\t")[-1].strip() == title["id"]
    made = wsoptv.json("backup", str(tmp_path / "backup"))
    assert made["bytes"] > 0
    assert wsoptv("backup", str(tmp_path / "backup")).returncode == 3, "a backup is not overwritten"
    wsoptv.json("export", "--no-prefect", str(tmp_path / "export"))
    refused = wsoptv("restore", str(tmp_path / "backup"))
    assert (refused.returncode, "not empty" in refused.stderr) == (3, True)
    for kind in ("backup", "export"):
        with fresh_database(stack, administer, template) as url:
            home = {"WSOPTV_HOME": str(tmp_path / f"home-{kind}"), "DATABASE_URL": url}
            done = wsoptv("restore", str(tmp_path / kind), **home)
            assert done.returncode == 0, done.stderr
            (found,) = json.loads(wsoptv("list", "--json", **home).stdout)["items"]
            assert found == title
            ingest = ("ingest", "--no-prefect", str(archive.root), "--settle", "0", "--json")
            summary = json.loads(wsoptv(*ingest, **home).stdout.splitlines()[-1])
            assert (summary["unchanged"], summary["new"]) == (1, 0)
    nothing = wsoptv("restore", str(tmp_path / "nowhere"))
    assert (nothing.returncode, "is not an export" in nothing.stderr) == (3, True)


def test_a_database_with_objects_of_others_is_not_emptied(
    settings: Settings, empty_database_url: str, tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"database_url": SecretStr(empty_database_url)})
    engine = make_engine(empty_database_url)
    migrate_to(engine, "head")
    make_backup(mine, engine, tmp_path / "backup")
    for made, gone in (
        ("table invoices (paid boolean)", "table invoices"),
        ("type mood as enum ('well')", "type mood"),
        ("sequence numbers", "sequence numbers"),
        ("function twice(n int) returns int language sql as 'select 2 * n'", "function twice"),
        ("type pair as (x int, y int)", "type pair"),
        ("function users() returns int language sql as 'select 1'", "function users"),
        ("statistics related on status, year from contents", "statistics related"),
        ("schema theirs create table people (name text)", "schema theirs cascade"),
    ):
        with engine.begin() as connection:
            connection.execute(text(f"create {made}"))
        with pytest.raises(ExportUnusableError, match="of other programs"):
            restore_backup(mine, engine, tmp_path / "backup")
        with engine.begin() as connection:
            connection.execute(text(f"drop {gone}"))
    assert restore_backup(mine, engine, tmp_path / "backup").schema == head_revision()
    engine.dispose()


def test_a_damaged_backup_does_not_change_the_home(wsoptv: Command, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert wsoptv("backup", str(folder)).returncode == 0
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-10])
    refused = wsoptv("restore", str(folder))
    assert (refused.returncode, "does not match the manifest" in refused.stderr) == (3, True)
    assert wsoptv("list").returncode == 0


def test_a_backup_of_an_older_version_is_migrated(
    empty_database_url: str, settings: Settings, tmp_path: Path
) -> None:
    old = make_engine(empty_database_url)
    migrate_to(old, "0007")
    with old.begin() as connection:
        connection.execute(
            text("insert into users (email, username, password_hash) values ('a@example.com', 'ann', '-')")
        )
    (settings.home / "secrets").mkdir(parents=True)
    (settings.home / "secrets/jwt").write_text("the old secret")
    (settings.home / "secrets/postgres-password").write_text("of the old server")
    of_old = settings.model_copy(update={"database_url": SecretStr(empty_database_url)})
    assert make_backup(of_old, old, tmp_path / "backup").schema == "0007"
    old.dispose()
    new = settings.model_copy(update={"home": tmp_path / "new"})
    (new.home / "secrets").mkdir(parents=True)
    (new.home / "secrets/postgres-password").write_text("of the new server")
    assert new.database_url is not None
    engine = make_engine(new.database_url.get_secret_value())
    assert restore_backup(new, engine, tmp_path / "backup").schema == head_revision()
    with engine.connect() as connection:
        assert connection.scalar(text("select username from users")) == "ann"
    engine.dispose()
    assert (tmp_path / "new/secrets/jwt").read_text() == "the old secret"
    assert (tmp_path / "new/secrets/postgres-password").read_text() == "of the new server"


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob(".*.part"))


@pytest.mark.parametrize(
    ("command", "following"),
    [(("backup",), ("list",)), (("export", "--no-prefect"), ("env", "down", "doctor"))],
)
def test_the_next_command_removes_what_a_killed_one_left(
    wsoptv: Command, tmp_path: Path, database_url: str, command: tuple[str, ...], following: tuple[str, ...]
) -> None:
    target, other = tmp_path / "disk" / command[0], tmp_path / "disk" / ".backup.strange.part"
    other.mkdir(parents=True)
    with psycopg.connect(database_url) as connection:
        # The command waits in the middle.
        connection.execute("lock table users in access exclusive mode")
        process = wsoptv.start(*command, str(target))
        until(lambda: len(parts(target.parent)) == 2, 60)
        (part,) = set(parts(target.parent)) - {other}
        assert stat.S_IMODE(part.stat().st_mode) == 0o700
        assert remove_abandoned(wsoptv.home) == []
        assert part.exists(), "the process that writes it still runs"
        process.kill()
        process.communicate()
    left = {path: shutil.copytree(path, tmp_path / path.name) for path in (part, wsoptv.home / "unfinished")}
    for next_command in following:
        for path, copy in left.items():
            shutil.copytree(copy, path, dirs_exist_ok=True)
        wsoptv(next_command)
        assert parts(target.parent) == [other], next_command
        assert list((wsoptv.home / "unfinished").iterdir()) == []


def test_only_the_owner_can_read_a_backup(wsoptv: Command, tmp_path: Path) -> None:
    assert wsoptv("backup", str(tmp_path / "backup")).returncode == 0
    found = [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert list((wsoptv.home / "unfinished").iterdir()) == []
