"""The folders that a run reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog_models.scope import Scope
from catalog_models.tables import Root
from flows.ingest.roots import NoRootError, RootNotAllowedError, expect_allowed, roots_of, scope_of
from orchestration.transactions import Transactions
from tests.plugins.ingest import Archive, Ingest


def test_a_scope_is_a_root_or_a_folder_of_one(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031/a.mp4", b"no video")
    ingest(archive.root)
    (root,) = ingest.rows(Root)
    transactions = Transactions(ingest.engine, ingest.events.append)

    def scope(path: str | None) -> Scope | None:
        return transactions.in_session(scope_of, path)

    assert scope(None) is None
    assert scope(str(archive.root)) == scope(f"{archive.root}/") == Scope(root.id, b"")
    assert scope(str(archive.root / "WSOP 2031")) == Scope(root.id, b"WSOP 2031")
    for stranger in (str(archive.root.parent), f"{archive.root} 2", f"{archive.root}-old/WSOP 2031"):
        with pytest.raises(NoRootError, match="ingest-archive"):
            scope(stranger)


def test_the_default_root_is_the_archive_of_the_settings(ingest: Ingest, tmp_path: Path) -> None:
    mounted = ingest.settings.model_copy(update={"archive": tmp_path})
    unset = ingest.settings.model_copy(update={"archive": None})
    both = mounted.model_copy(update={"bucket": "films"})
    assert roots_of(None, mounted) == [os.fspath(tmp_path)]
    assert roots_of(None, both) == [os.fspath(tmp_path), "s3://films"]
    assert roots_of("/somewhere", mounted) == roots_of("/somewhere", unset) == ["/somewhere"]
    assert roots_of("s3://films/old", unset) == ["s3://films/old"]
    with pytest.raises(NoRootError, match="NAS_MOUNT_PATH"):
        roots_of(None, unset)


def test_a_worker_reads_only_allowed_roots(ingest: Ingest, tmp_path: Path) -> None:
    unset = ingest.settings
    named = unset.model_copy(update={"roots": (str(tmp_path / "nas"), "s3://films/archive")})
    for allowed in (str(tmp_path / "nas/2031"), "s3://films/archive", None):
        expect_allowed(allowed, named)
    expect_allowed("/etc", unset)
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas/out").symlink_to("/etc")
    for foreign in ("/etc", str(tmp_path), str(tmp_path / "nas/out"), "s3://films", f"{tmp_path}/nas2"):
        with pytest.raises(RootNotAllowedError, match="WSOPTV_ROOTS"):
            expect_allowed(foreign, named)
