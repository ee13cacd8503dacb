"""Streams and copies from a bucket, compared with boto3 on the same endpoint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.nginx import require_nginx, running_nginx, static_files
from benchmarks.results import Result, best_of_both
from orchestration.storage.bucket import ObjectFile
from orchestration.storage.s3_clients import listing_client
from serving.stream.responses.transfer import PIECE
from tasks.promotion.file_copy import copy_file

_SIZE = 1 << 30
_BUCKET, _KEY = "films", "film.mp4"
_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1"}


def measure(_archive: Path) -> list[Result]:
    """Read a bucket that nginx simulates, without signatures. Raises `NotMeasurableError` without nginx."""
    require_nginx()
    with TemporaryDirectory(prefix="wsoptv-bench-bucket-", dir="/dev/shm") as folder, _endpoint(Path(folder)):
        where = f"s3://{_BUCKET}/{_KEY}".encode()
        found = _opened()
        client, target = listing_client(), Path(folder, "copy")

        def download() -> None:
            client.download_file(_BUCKET, _KEY, str(target))

        def copy() -> None:
            copy_file(where, found.size, found.mtime_ns, target, lambda _: None)

        return [
            Result(
                "1 GiB of a bucket in pieces of 512 KiB, beside boto3",
                *best_of_both(3, lambda: _pieces(found), _pieces_by_boto3),
                "s",
                1,
            ),
            Result(
                "a verified copy of 1 GiB from a bucket, beside boto3's download",
                *best_of_both(3, copy, download),
                "s",
                1.111,
            ),
        ]


def _opened() -> ObjectFile:
    from orchestration.storage.bucket import open_object

    return open_object(f"s3://{_BUCKET}/{_KEY}".encode())


def _pieces(found: ObjectFile) -> None:
    for offset in range(0, found.size, PIECE):
        found.read(offset, PIECE)


def _pieces_by_boto3() -> None:
    client = listing_client()
    for offset in range(0, _SIZE, PIECE):
        wanted = f"bytes={offset}-{offset + PIECE - 1}"
        client.get_object(Bucket=_BUCKET, Key=_KEY, Range=wanted)["Body"].read()


@contextmanager
def _endpoint(folder: Path) -> Iterator[None]:
    (folder / _BUCKET).mkdir()
    with (folder / _BUCKET / _KEY).open("wb") as film:
        for _ in range(_SIZE >> 20):
            film.write(os.urandom(1 << 20))
    configured = static_files(folder)
    os.environ.update(_ENVIRONMENT, AWS_ENDPOINT_URL=f"http://127.0.0.1:{configured[0]}")
    with running_nginx(configured):
        yield
