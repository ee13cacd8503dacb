"""An S3 bucket, at AWS or another endpoint. docs/decisions/0016-buckets.md explains which client does what.

Boto3 lists names, because it accepts any; obstore reads bytes. Both are configured like all AWS tools:
AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, a profile, or the role of the machine.
"""

from __future__ import annotations

import datetime as dt
import errno
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from catalog_models.values import ScannedFile
from orchestration.storage import FileChangedError, Found, OpenFile
from orchestration.storage.s3_clients import ask, listing, store_of

if TYPE_CHECKING:
    from obstore.store import S3Store

_NS = 1_000_000_000

# Object_store treats a key as a path: it requests none with an empty part, `.`, `..` or control characters.
_UNASKABLE = re.compile(rb"[\x00-\x1f\x7f]|(^|/)(\.{0,2})(/|$)")


class Bucket:
    """The objects below `s3://bucket/prefix`; see `Storage`."""

    def __init__(self, root: bytes) -> None:
        self._bucket, self._prefix = split(root)

    def files(
        self, below: bytes, closed: Callable[[bytes], bool], unreadable: dict[bytes, str]
    ) -> Iterator[Found]:
        """Yield all objects, page by page. Closed folders are also listed, and left out afterwards."""
        del closed
        prefix = self._prefix + below.decode() + "/" if below else self._prefix
        with listing(self._bucket) as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for entry in page.get("Contents", ()):
                    if found := self._found(entry, unreadable):
                        yield found

    def open(self, path: bytes) -> OpenFile:
        """Request the object's state. Later reads return bytes of that state, or fail."""
        key = self._key(path)
        return ObjectFile(self._bucket, key, ask(self._bucket, key, lambda store: store.head(key)))

    def state(self, path: bytes) -> tuple[int, int]:
        """Request the object's state."""
        opened = self.open(path)
        return opened.size, opened.mtime_ns

    def is_there(self) -> bool:
        """Return False if the endpoint says that the bucket does not exist, or the prefix is empty."""
        try:
            with listing(self._bucket) as client:
                page = client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
                return bool(page.get("KeyCount"))
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def _found(self, entry: dict[str, Any], unreadable: dict[bytes, str]) -> Found | None:
        """Return a listed object; None if it is not a file, or cannot be requested."""
        # Some tools create these to show an empty folder.
        if entry["Key"].endswith("/"):
            return None
        path = entry["Key"].removeprefix(self._prefix).encode("utf-8", "surrogateescape")
        if _UNASKABLE.search(path):
            unreadable[path] = "its key has an empty part, a single dot or a control character: rename it"
            return None
        mtime = _mtime_ns(entry["LastModified"], entry["ETag"])
        # An object appears complete or not at all.
        scanned = partial(ScannedFile, path, entry["Size"], mtime, 0)
        return Found(path.rpartition(b"/")[0], path, is_file=True, look=scanned)

    def _key(self, path: bytes) -> str:
        if _UNASKABLE.search(path):
            raise FileNotFoundError(errno.ENOENT, "the object does not exist", path)
        return self._prefix + path.decode("utf-8", "surrogateescape")


class ObjectFile:
    """An object in the state at its opening; its replacement is not read (If-Match, RFC 9110 §13.1.1)."""

    tells_cached: bool | None = False
    ctime_ns: int | None = None

    def __init__(self, bucket: str, key: str, state: Any) -> None:
        self._bucket, self._key, self._etag = bucket, key, state["e_tag"]
        self.size: int = state["size"]
        self.mtime_ns = _mtime_ns(state["last_modified"], state["e_tag"] or "")

    def read(self, offset: int, length: int) -> bytes:
        """Read with one request; see `OpenFile`."""
        if not length:
            return b""
        if offset + length > self.size:
            raise FileChangedError
        wanted: Any = {"range": (offset, offset + length), "if_match": self._etag}
        data = ask(self._bucket, self._key, partial(self._get, wanted))
        if len(data) != length:
            raise OSError(
                errno.EREMOTEIO, f"the bucket {self._bucket} returned {len(data):,} bytes of {length:,}"
            )
        return data

    def _get(self, wanted: Any, store: S3Store) -> bytes:
        """Get a range. Some servers ignore `If-Match`, so the entity tag is also compared."""
        result = store.get(self._key, options=wanted)
        found = result.meta["e_tag"]
        if found and self._etag and found != self._etag:
            raise FileChangedError
        return bytes(result.bytes())

    def read_many(self, offset: int, length: int, parts: int) -> list[bytes]:
        """Read the same bytes with `parts` parallel requests, which use more of the bandwidth.

        Each request has `If-Match`, which obstore's own `get_ranges` lacks.
        """
        step = -(-length // parts)
        starts = range(offset, offset + length, step)
        with ThreadPoolExecutor(parts, thread_name_prefix="ranges") as threads:
            return list(threads.map(lambda at: self.read(at, min(step, offset + length - at)), starts))

    def url(self) -> str:
        """Return a URL that is valid for a day, for another program to read from."""
        from obstore import sign

        return sign(store_of(self._bucket), "GET", self._key, dt.timedelta(days=1))

    def read_cached(self, offset: int, length: int) -> bytearray | None:
        """Return None: a read always needs the network."""
        del offset, length
        return None

    def close(self) -> None:
        """Do nothing: no resources are held."""


def split(location: bytes) -> tuple[str, str]:
    """Return bucket and prefix of `s3://bucket/prefix`; the prefix is empty or ends in a slash."""
    bucket, _, prefix = location.decode("utf-8", "surrogateescape").removeprefix("s3://").partition("/")
    prefix = prefix.strip("/")
    return bucket, prefix + "/" if prefix else ""


def open_object(location: bytes) -> ObjectFile:
    """Open the object at `s3://bucket/key`. Raise OSError."""
    root, _, name = location.rpartition(b"/")
    opened = Bucket(root).open(name)
    assert isinstance(opened, ObjectFile)  # noqa: S101
    return opened


def _mtime_ns(changed: dt.datetime, etag: str) -> int:
    """Return the second of the change, the precision of S3, with a digest of the entity tag as its fraction.

    So two objects that are written to one key within a second have different times.
    """
    digest = blake2b(etag.strip('"').encode(), digest_size=8).digest()
    return int(changed.timestamp()) * _NS + int.from_bytes(digest) % _NS


__all__ = ["Bucket", "ObjectFile", "open_object", "split"]
