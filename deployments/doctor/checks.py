"""The checks of `wsoptv doctor`: each returns what it found, and a remedy for a problem."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import redis
from pydantic import ValidationError
from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from catalog_models.engine import make_engine
from catalog_models.errors import ExpectedError
from catalog_models.locations import absolute
from catalog_models.migrate import current_revision, head_revision
from catalog_models.tables import CachedFile, Root
from catalog_models.values import text_of
from deployments.doctor.check import Check
from deployments.doctor.search import meilisearch_check
from deployments.stack import embedded_versions, is_own_prefect, prefect_auth, use_stack
from deployments.stack.prefect_access import Access, access
from orchestration.settings import Settings
from orchestration.storage import is_bucket
from orchestration.storage.readable import expect_readable_within
from tasks.export.unfinished_folders import remove_abandoned
from tasks.titles import is_video_path

# Seconds in which an external server must respond.
_SECONDS = 3.0
# Seconds for a root: disks of a NAS spin up, and S3 clients retry.
_ROOT_SECONDS = 30.0
# Bytes: the pictures of 10,000 titles take about 1 GB, the database less.
_MIN_FREE = 2 << 30


def run_checks() -> list[Check]:
    """Run all checks and return them, in the order in which to solve problems."""
    found = [_python(), _servers(), _ffmpeg(), _libraries()]
    try:
        settings = Settings()
    except ValidationError as error:
        bad = "; ".join(
            f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors(include_input=False)
        )
        return [*found, Check("settings", False, bad, "correct these environment variables")]
    remove_abandoned(settings.home)
    found += [_home(settings), _room(settings), _prefect(settings)]
    if settings.meilisearch_url is not None:
        found.append(meilisearch_check(settings))
    if settings.archive is not None:
        found.append(check_root("NAS_MOUNT_PATH", os.fsencode(settings.archive)))
    if settings.bucket is not None:
        found.append(check_root("AWS_S3_BUCKET", absolute(settings.archives[-1])))
    if not settings.home.is_dir():
        # Nothing was started yet, and a check must not create the home.
        return found
    return [*found, *_stack(settings)]


def _python() -> Check:
    fits = sys.version_info[:2] in ((3, 11), (3, 12)) and sys.platform == "linux"
    says = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check("python", fits, says, "" if fits else "use Python 3.11 or 3.12 on Linux")


def _servers() -> Check:
    try:
        return Check("servers", True, ", ".join(embedded_versions().values()))
    except ExpectedError as error:
        return Check("servers", False, str(error), "install WSOPTV again, or set DATABASE_URL and REDIS_URL")


def _ffmpeg() -> Check:
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        line = subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )[0]
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return Check(
            "ffmpeg", False, str(error), "install WSOPTV again: the package imageio-ffmpeg contains it"
        )
    return Check("ffmpeg", True, " ".join(line.split()[:3]))


def _libraries() -> Check:
    try:
        import av
        import cv2
    except ImportError as error:
        return Check("video libraries", False, str(error), "install WSOPTV again")
    return Check("video libraries", True, f"PyAV {av.__version__}, OpenCV {cv2.__version__}")


def _home(settings: Settings) -> Check:
    home = settings.home
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Check("home", False, f"{home} cannot be written", "set WSOPTV_HOME to a folder of your own")
    return Check("home", True, str(home) if home.is_dir() else f"{home} (does not exist yet)")


def _room(settings: Settings) -> Check:
    nearest = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    mend = (
        ""
        if free > _MIN_FREE
        else f"free some space, or set WSOPTV_HOME to another disk: {_MIN_FREE >> 30} GiB should be free"
    )
    return Check("room", free > _MIN_FREE, f"{free / 2**30:.1f} GiB free at {nearest}", mend)


def _prefect(settings: Settings) -> Check:
    if settings.prefect_api_url is None or is_own_prefect(settings):
        return Check("prefect", True, f"{version('prefect')}, embedded")
    url = settings.prefect_api_url
    found = access(url, prefect_auth(settings), _SECONDS)
    if found is Access.GRANTED:
        return Check("prefect", True, f"{version('prefect')}, server at {url}")
    if found is Access.OPEN:
        mend = "set PREFECT_SERVER_API_AUTH_STRING for that server, and PREFECT_API_AUTH_STRING to the same value here"
        return Check(
            "prefect", True, f"{version('prefect')}, server at {url}; it requires no authentication", mend
        )
    if found is Access.DENIED:
        which = (
            "refuses PREFECT_API_AUTH_STRING"
            if settings.prefect_auth
            else "requires an authentication string"
        )
        mend = "set PREFECT_API_AUTH_STRING to the server's PREFECT_SERVER_API_AUTH_STRING"
        return Check("prefect", False, f"the Prefect server at {url} {which}", mend)
    says = f"no Prefect server responds at {url}"
    return Check("prefect", False, says, "start it, or correct PREFECT_API_URL (it ends in /api)")


def check_root(name: str, root: bytes) -> Check:
    """List a root and read a byte of a video: S3 has separate permissions for these."""
    shown = text_of(root)
    try:
        expect_readable_within(_ROOT_SECONDS, root, (), lambda path: is_video_path(text_of(path)))
    except OSError as error:
        mend = _bucket_remedy(error) if is_bucket(root) else "mount the archive, or correct the path"
        return Check(name, False, f"{shown}: {error.strerror or error}", mend)
    return Check(name, True, shown)


def _bucket_remedy(error: OSError) -> str:
    match error.errno:
        case errno.EKEYREJECTED:
            return "correct or renew the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)"
        case errno.EACCES:
            return "grant these credentials s3:ListBucket on the bucket and s3:GetObject on its objects"
        case errno.EREMOTEIO | errno.ETIMEDOUT:
            return "correct AWS_ENDPOINT_URL or AWS_REGION, or wait until the endpoint works again"
    return "correct AWS_S3_BUCKET or AWS_ENDPOINT_URL"


def _stack(settings: Settings) -> list[Check]:
    try:
        with use_stack(settings, "doctor") as stack:
            return [
                _guarded(
                    "postgres",
                    lambda: _postgres(stack.database_url, settings),
                    "check DATABASE_URL and the logs",
                ),
                _guarded("redis", lambda: _redis(stack.redis_url), "check REDIS_URL and the logs"),
                *_roots(stack.database_url),
                _guarded(
                    "cache", lambda: _cache(stack.database_url, settings), "check DATABASE_URL and the logs"
                ),
                _guarded(
                    "renditions",
                    lambda: _renditions(stack.database_url, settings),
                    "check DATABASE_URL and the logs",
                ),
            ]
    except ExpectedError as error:
        return [Check("stack", False, str(error), f"see the logs in {settings.logs}")]


def _guarded(name: str, check: Callable[[], Check], mend: str) -> Check:
    try:
        return check()
    except (SQLAlchemyError, redis.RedisError, ValueError) as error:
        first = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        return Check(name, False, first, mend)


def _postgres(url: str, settings: Settings) -> Check:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("show server_version").scalar_one()
        current, head = current_revision(engine), head_revision()
    finally:
        engine.dispose()
    where = "external" if settings.database_url else "embedded"
    if current != head:
        return Check(
            "postgres", False, f"{version}, schema at {current or 'none'}, not {head}", "run `wsoptv migrate`"
        )
    return Check("postgres", True, f"{version}, {where}, schema at {head}")


def _redis(url: str) -> Check:
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return Check("redis", True, str(client.info("server")["redis_version"]))
    finally:
        client.close()


def _cache(url: str, settings: Settings) -> Check:
    from tasks.promotion.folder import open_folder, refuse_nothing, room_in

    roots, held = _known_roots(url), _copied_bytes(url)
    folder = settings.cache_folder
    try:
        refuse_nothing(settings.cache_bytes)
        open_folder(folder, settings.cache is None, roots, settings.renditions_folder)
        room = room_in(folder, held, settings.cache_bytes)
    except (ExpectedError, OSError) as error:
        what, _, mend = str(error).partition(": ")
        return Check(
            "cache", False, what, mend or "correct WSOPTV_CACHE; all titles play from the archive meanwhile"
        )
    if room <= 0:
        return Check("cache", False, f"{folder} has no room for copies", "free some space on its disk")
    return Check("cache", True, f"{folder}, room for {room / 2**30:.1f} GiB of hot titles")


def _renditions(url: str, settings: Settings) -> Check:
    from tasks.media.folders import open_own_folder, spare_room

    folder = settings.renditions_folder
    try:
        own, roots = settings.renditions is None, _known_roots(url)
        open_own_folder(folder, own, roots, "WSOPTV_RENDITIONS", settings.cache_folder)
        room = spare_room(folder)
    except (ExpectedError, OSError) as error:
        what, _, mend = str(error).partition(": ")
        return Check("renditions", False, what, mend or "correct WSOPTV_RENDITIONS")
    return Check("renditions", True, f"{folder}, room for {max(0, room) / 2**30:.1f} GiB")


def _known_roots(url: str) -> list[bytes]:
    return list(_scalars(url, select(Root.path).order_by(Root.path)))


def _copied_bytes(url: str) -> int:
    """Return the bytes of all copies on the SSD."""
    return int(_scalars(url, select(func.coalesce(func.sum(CachedFile.size), 0)))[0])


def _scalars(url: str, query: Select[Any]) -> Sequence[Any]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalars(query).all()
    finally:
        engine.dispose()


def _roots(url: str) -> list[Check]:
    try:
        paths = _known_roots(url)
    except SQLAlchemyError:
        # The check of PostgreSQL reports this.
        return []
    return [check_root("archive", path) for path in paths]
