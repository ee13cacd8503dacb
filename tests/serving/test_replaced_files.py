"""Replacing a file ends its sessions: a session never mixes the bytes of two files."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func
from sqlalchemy.orm import Session

from catalog_models.tables import CachedFile, Content, MediaFile
from orchestration.contracts import FileVersion
from orchestration.settings import Settings
from orchestration.storage import FileChangedError, open_below
from serving.app import create_app
from serving.http.tls import certificates
from serving.stream.responses import files
from serving.stream.sessions import redirects
from tests.serving.conftest import Shelf, serving, sign_in, signed_in
from tests.serving.nginx import NEEDS_NGINX, behind_nginx
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_playback import rows, start
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

OLD, NEW = b"old " * 1000, b"new " * 1000
CHANGED = 784_111_777 * 10**9


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(NEW)


def _rename_over(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(NEW)
    os.utime(other, ns=(CHANGED, CHANGED))
    other.replace(path)


def _delete_and_write(path: Path) -> None:
    path.unlink()
    path.write_bytes(NEW)


CHANGES = [_overwrite, _rename_over, _delete_and_write]


@pytest.fixture
def title(shelf: Shelf) -> uuid.UUID:
    content_id = shelf.add(content=OLD)
    dated(shelf.path_of(content_id))
    return content_id


def dated(path: Path) -> Path:
    """Set the modification time of the file to its first one, as `rsync -t` and `cp -p` do."""
    os.utime(path, ns=(CHANGED, CHANGED))
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_replacing_a_file_ends_its_session_and_a_new_one_plays_it(
    client: httpx.Client, shelf: Shelf, title: uuid.UUID, change: Callable[[Path], None]
) -> None:
    url = start(client, title)["playback_url"]
    first = client.get(url, headers={"range": "bytes=0-3"})
    change(shelf.path_of(title))
    dated(shelf.path_of(title))
    for _ in range(2):
        over = client.get(url, headers={"range": "bytes=4-7"})
        assert (over.status_code, code(over)) == (410, "PLAYBACK_ENDED")
        assert over.json()["error"]["details"] == {"reason": "changed"}
    assert rows(shelf) == [(True, "changed")]
    again = client.get(start(client, title)["playback_url"], headers={"range": "bytes=0-3"})
    assert (first.content, again.content) == (b"old ", b"new ")
    assert first.headers["etag"] == again.headers["etag"], "the tag is the same, so only the session shows it"


def test_a_client_without_a_session_gets_410_once(
    client: httpx.Client, shelf: Shelf, title: uuid.UUID
) -> None:
    url = f"/api/stream/{title}"
    assert client.get(url).content == OLD
    _overwrite(dated(shelf.path_of(title)))
    dated(shelf.path_of(title))
    assert client.get(url).status_code == 410
    assert client.get(url).content == NEW
    shelf.path_of(title).write_bytes(b"another size")
    assert client.get(url).content == b"another size", "the entity tag shows the change"


def test_other_processes_know_the_version_of_a_session(
    settings: Settings, shelf: Shelf, title: uuid.UUID
) -> None:
    with ExitStack() as servers:
        person = sign_in(settings)
        one, two, three = (
            servers.enter_context(signed_in(servers.enter_context(serving(create_app(settings))), person))
            for _ in range(3)
        )
        url = start(two, title)["playback_url"]
        assert one.get(url).content == OLD
        _rename_over(shelf.path_of(title))
        for other in (two, three, one):
            assert other.get(url).status_code == 410


def test_a_file_with_the_same_bytes_keeps_playing(
    client: httpx.Client, shelf: Shelf, title: uuid.UUID
) -> None:
    url, path = start(client, title)["playback_url"], shelf.path_of(title)
    assert client.get(url).content == OLD
    path.read_bytes()
    moved = path.rename(path.with_suffix(".moved.mp4"))
    with Session(shelf.engine) as session, session.begin():
        file = session.get_one(MediaFile, session.get_one(Content, title).best_file_id)
        file.path = os.fsencode(moved.name)
    assert client.get(url).content == OLD


@pytest.fixture
def copied(settings: Settings, shelf: Shelf, title: uuid.UUID) -> Path:
    """Return the path of the copy of the title on the SSD."""
    with Session(shelf.engine) as session, session.begin():
        file = session.get_one(MediaFile, session.get_one(Content, title).best_file_id)
        file.mtime_ns = CHANGED
        ctime_ns = shelf.path_of(title).stat().st_ctime_ns
        row = CachedFile(
            media_file_id=file.id,
            size=file.size,
            mtime_ns=CHANGED,
            source_ctime_ns=ctime_ns,
            owner="x",
            claimed_until=func.now(),
            reason={},
            state="ready",
        )
        session.add(row)
        session.flush()
        settings.cache_folder.mkdir(parents=True)
        path = settings.cache_folder / str(row.id)
    path.write_bytes(OLD)
    return dated(path)


def test_a_session_does_not_switch_from_an_old_copy_to_a_new_file(
    client: httpx.Client, shelf: Shelf, title: uuid.UUID, copied: Path
) -> None:
    url = start(client, title)["playback_url"]
    assert client.get(url).content == OLD
    _rename_over(shelf.path_of(title))
    assert client.get(url).content == OLD, "from the copy"
    copied.unlink()
    over = client.get(url)
    assert (over.status_code, code(over)) == (410, "PLAYBACK_ENDED")


def test_a_session_switches_from_a_copy_to_its_file(
    client: httpx.Client, shelf: Shelf, title: uuid.UUID, copied: Path
) -> None:
    url = start(client, title)["playback_url"]
    assert client.get(url).content == OLD
    copied.unlink()
    assert client.get(url).content == OLD
    _overwrite(shelf.path_of(title))
    dated(shelf.path_of(title))
    assert client.get(url).status_code == 410


@NEEDS_NGINX
def test_a_replaced_file_ends_its_session_behind_nginx(
    settings: Settings, shelf: Shelf, title: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings.model_copy(update={"accel": True, "trusted_proxies": ("127.0.0.1",)})
    with (
        serving(create_app(chosen)) as direct,
        behind_nginx(direct.base_url, roots=(shelf.archive,)) as front,
        httpx.Client(base_url=front, headers=sign_in(settings).headers, verify=certificates()) as client,
    ):
        url = start(client, title)["playback_url"]
        first = client.get(url, headers={"range": "bytes=0-3"})
        _rename_over(shelf.path_of(title))
        monkeypatch.setattr(redirects, "SNAPSHOT_SECONDS", 0.0)
        monkeypatch.setattr(files, "SNAPSHOT_SECONDS", 0.0)
        over = client.get(url, headers={"range": "bytes=0-3"})
        assert (first.content, over.status_code) == (b"old ", 410)
        again = client.get(start(client, title)["playback_url"], headers={"range": "bytes=0-3"})
    assert again.content == b"new "
    assert first.headers["etag"] == again.headers["etag"]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(OLD)
    return dated(path)


def test_overwriting_an_open_file_is_noticed(film: Path) -> None:
    opened = open_below(os.fsencode(film.parent), b"film.mp4")
    assert opened.read(0, 4) == b"old "
    _overwrite(film)
    dated(film)
    assert opened.read_cached(0, 4) is None
    with pytest.raises(FileChangedError):
        opened.read(0, 4)


@pytest.mark.parametrize("change", [_rename_over, Path.unlink, lambda path: path.rename(f"{path}.away")])
def test_an_open_file_stays_readable_when_moved_or_replaced(
    film: Path, change: Callable[[Path], None]
) -> None:
    opened = open_below(os.fsencode(film.parent), b"film.mp4")
    change(film)
    assert opened.read(0, 4) == b"old "
    assert opened.read_cached(0, 4) in (b"old ", None)


def test_versions_survive_the_database() -> None:
    for ctime_ns in (None, -5):
        version = FileVersion(7, -86_400_500_000_000, ctime_ns, "ab")
        assert FileVersion.read(str(version)) == version
