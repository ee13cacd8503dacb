"""The two clients of S3, which are created once, and the requests to them.

A bucket may be in another region than the configured one. Boto3 follows the region that S3 reports; obstore
does not. If S3 refuses a request of obstore, boto3 repeats it: either it learns the region, or S3 reports the
error. (The response to a refused HEAD has no body with an error.)
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from orchestration.secret_files import AWS, SUFFIX, SecretFileError, secret
from orchestration.storage.s3_errors import os_errors, region_named

if TYPE_CHECKING:
    from boto3 import Session
    from obstore.store import S3Store

# Seconds: to connect, without a byte, and for one request.
_CONNECT, _READ, _WHOLE = 3.0, 8.0, 60.0
_RETRIES = 3

# Obstore's messages for requests that S3 refused: a redirect, or any 4xx except 404 and 412.
_REFUSED = re.compile(r"redirect without LOCATION|status code: (3\d\d|40[0-3]|40[5-7]|409|41[01]|41[3-9])")

T = TypeVar("T")


@cache
def listing_client() -> Any:
    """Return boto3's client of S3. Raise OSError without credentials."""
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT,
        read_timeout=_READ,
        retries={"mode": "standard", "total_max_attempts": _RETRIES},
    )
    session = _session()
    if session.get_credentials() is None:
        raise OSError(
            errno.EKEYREJECTED,
            "no S3 credentials are set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or …_FILE)",
        )
    # Boto3 itself reads only AWS_DEFAULT_REGION.
    region = session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
    client = session.client("s3", region_name=region, config=config)
    client.meta.events.register("response-received.s3", _note_region)
    return client


@cache
def _named_regions() -> dict[str, str]:
    """Return the regions that S3 reported, by bucket."""
    return {}


@cache
def _followed_regions() -> dict[str, str]:
    """Return the regions of buckets that are in another region than the configured one."""
    return {}


def _note_region(
    context: dict[str, Any] | None = None,
    response_dict: dict[str, Any] | None = None,
    parsed_response: dict[str, Any] | None = None,
    **_: object,
) -> None:
    """Record the region in a response (an event of botocore)."""
    bucket = (context or {}).get("s3_redirect", {}).get("bucket")
    headers = {name.lower(): value for name, value in (response_dict or {}).get("headers", {}).items()}
    answer = {**(parsed_response or {}), "ResponseMetadata": {"HTTPHeaders": headers}}
    if bucket and (region := region_named(answer)):
        _named_regions()[bucket] = region


def store_of(bucket: str) -> S3Store:
    """Return obstore's client of a bucket, configured like boto3's, in the bucket's actual region."""
    return _store(bucket, _followed_regions().get(bucket) or listing_client().meta.region_name)


@cache
def _store(bucket: str, region: str) -> S3Store:
    from obstore.auth.boto3 import Boto3CredentialProvider
    from obstore.store import S3Store

    meta = listing_client().meta
    own = ".amazonaws.com" not in meta.endpoint_url
    return S3Store(
        bucket,
        region=region,
        credential_provider=Boto3CredentialProvider(_session()),
        **({"endpoint": meta.endpoint_url, "virtual_hosted_style_request": False} if own else {}),
        client_options={
            "allow_http": meta.endpoint_url.startswith("http://"),
            "connect_timeout": timedelta(seconds=_CONNECT),
            "read_timeout": timedelta(seconds=_READ),
            "timeout": timedelta(seconds=_WHOLE),
        },
        retry_config={
            "max_retries": _RETRIES - 1,
            "retry_timeout": timedelta(seconds=_READ),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        },
    )


def _session() -> Session:
    """Return a session with the credentials that all AWS tools use, or those in `AWS_…_FILE`."""
    import boto3

    if not any(os.environ.get(name + SUFFIX) for name in AWS):
        return boto3.Session()
    try:
        key, secret_key, token = map(secret, AWS)
    except SecretFileError as error:
        raise PermissionError(errno.EACCES, f"{error.variable}: {error}") from None
    if key is None or secret_key is None:
        raise PermissionError(
            errno.EACCES, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, each by its value or its …_FILE"
        )
    return boto3.Session(key, secret_key, token)


@contextmanager
def listing(bucket: str) -> Iterator[Any]:
    """Yield boto3's client for requests about this bucket. Its errors are raised as OSErrors."""
    with _fresh_if_rejected(), os_errors(bucket):
        yield listing_client()


def ask(bucket: str, key: str, request: Callable[[S3Store], T]) -> T:
    """Make a request of obstore about an object.

    If S3 refuses it because the bucket is in another region, repeat it once in that region. Raise OSError and
    `FileChangedError`.
    """
    from obstore.exceptions import BaseError

    with _fresh_if_rejected(), os_errors(bucket):
        try:
            return request(store_of(bucket))
        except BaseError as error:
            if not _REFUSED.search(str(error)):
                raise
            if not _moved(bucket, key):
                raise
        return request(store_of(bucket))


def _moved(bucket: str, key: str) -> bool:
    """Read a byte with boto3, which raises the actual error.

    Return whether the bucket is in another region.
    """
    from botocore.exceptions import ClientError

    used = store_of(bucket).config.get("region")
    try:
        listing_client().get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].close()
    except ClientError as error:
        # An empty object has no first byte.
        if error.response.get("Error", {}).get("Code") not in ("InvalidRange", "416"):
            raise
    region = _named_regions().get(bucket)
    if region is None or region == used:
        return False
    _followed_regions()[bucket] = region
    return True


@contextmanager
def _fresh_if_rejected() -> Iterator[None]:
    """Discard the clients if S3 rejects their credentials.

    The next request reads the credentials again, which may have been renewed in their files.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.EKEYREJECTED:
            forget_clients()
        raise


def forget_clients() -> None:
    """Create the clients again at the next request, with the environment and files of that time."""
    for made in (listing_client, _store, _named_regions, _followed_regions):
        made.cache_clear()
