"""The two clients of S3, made once each, and their errors in words for people."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from orchestration.secret_files import AWS, SUFFIX, SecretFileError, secret
from orchestration.storage.local_file import FileChangedError

if TYPE_CHECKING:
    from boto3 import Session
    from obstore.store import S3Store

_CONNECT, _READ, _WHOLE = 3.0, 8.0, 60.0  # seconds: to connect, without a byte, and for one request
_RETRIES = 3


@cache
def listing_client() -> Any:
    """Return boto3's client of S3. Raises OSError where no credentials are set."""
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT,
        read_timeout=_READ,
        retries={"mode": "standard", "total_max_attempts": _RETRIES},
    )
    session = _session()
    if session.get_credentials() is None:
        raise PermissionError(
            errno.EACCES,
            "no credentials for S3 are set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or …_FILE)",
        )
    region = (
        session.region_name or os.environ.get("AWS_REGION") or "us-east-1"
    )  # boto3 reads AWS_DEFAULT_REGION alone
    return session.client("s3", region_name=region, config=config)


@cache
def store_of(bucket: str) -> S3Store:
    """Return obstore's client of one bucket, configured as boto3's is."""
    from obstore.auth.boto3 import Boto3CredentialProvider
    from obstore.store import S3Store

    meta = listing_client().meta
    own = ".amazonaws.com" not in meta.endpoint_url
    return S3Store(
        bucket,
        region=meta.region_name,
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
    """Return a session with the credentials that every AWS tool would use, or those of `AWS_…_FILE`."""
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
def told(bucket: str) -> Iterator[None]:
    """Tell either client's errors as OSErrors: not there, not allowed, or (EREMOTEIO) the bucket does not answer."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, f"there is no such object in the bucket {bucket}") from error
    except PreconditionError as error:
        raise FileChangedError from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _denied(bucket) from error
    except ClientError as error:
        raise _answered(bucket, error.response) from error
    except ParamValidationError as error:
        raise OSError(errno.EINVAL, f"{bucket!r} is no name of a bucket") from error
    except (BotoCoreError, BaseError) as error:
        raise OSError(errno.EREMOTEIO, f"the bucket {bucket} does not answer: {_short(error)}") from error


def _answered(bucket: str, response: dict[str, Any]) -> OSError:
    said = response.get("Error", {})
    code, status = said.get("Code", ""), response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code == "NoSuchBucket":
        return FileNotFoundError(errno.ENOENT, f"there is no bucket {bucket}")
    if status in (401, 403):
        return _denied(bucket)
    return OSError(
        errno.EREMOTEIO, f"the bucket {bucket} does not answer: {code or status} {said.get('Message', '')}"
    )


def _denied(bucket: str) -> OSError:
    return PermissionError(
        errno.EACCES,
        f"these credentials may not list or read the bucket {bucket} (s3:ListBucket, s3:GetObject)",
    )


def _short(error: Exception) -> str:
    """The status if the endpoint answered, or the first line of what went wrong."""
    text = str(error)
    status = re.search(r"status code: (\d{3}[ \w]*)", text)
    return status.group(1).strip() if status else text.partition("\n")[0][:200]
