"""Convert the errors of S3 to OSErrors with messages for users.

The error numbers say what is affected: one object (ENOENT, EACCES, EIO), the credentials (EKEYREJECTED) or
the bucket (EREMOTEIO). `orchestration.storage.is_down` returns True for the last two.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestration.storage.local_file import FileChangedError

# Codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; other servers use the same
# ones.
_CREDENTIALS = {
    "InvalidAccessKeyId": "S3 does not know the access key; correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret is not that of the access key; correct AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the credentials have expired; renew them (AWS_SESSION_TOKEN, or the session of the role)",
    "TokenRefreshRequired": "the credentials have expired; renew them (AWS_SESSION_TOKEN)",
    "InvalidToken": "the session token is not valid; correct AWS_SESSION_TOKEN",
    "InvalidSecurity": "S3 refuses the credentials; correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "RequestTimeTooSkewed": "the clock of this machine is wrong by more than 15 minutes; set it",
    "AccountProblem": "there is a problem with the AWS account; see its console",
    "AllAccessDisabled": "all access to the bucket is disabled; see the console of the AWS account",
}
_REGION = {
    "301",
    "307",
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
# Statuses below 500 that concern the server, not the request: a timeout, and too many requests.
_BUSY = {408, 429}
_TIMED_OUT = {"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"}


@contextmanager
def os_errors(bucket: str) -> Iterator[None]:
    """Raise the errors of both clients as OSErrors, and `FileChangedError` if an object was replaced."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError
    from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        if isinstance(error.errno, int):
            raise
        raise FileNotFoundError(errno.ENOENT, f"the object does not exist in the bucket {bucket}") from error
    except PreconditionError as error:
        raise FileChangedError from error
    except PermissionDeniedError as error:
        raise _denied(bucket) from error
    except UnauthenticatedError as error:
        raise _rejected(bucket, _CREDENTIALS["InvalidSecurity"]) from error
    except ClientError as error:
        raise error_of(bucket, error.response) from error
    except ParamValidationError as error:
        raise OSError(errno.EINVAL, f"{bucket!r} is not a valid bucket name") from error
    except NoCredentialsError as error:
        raise _rejected(bucket, "no S3 credentials are set") from error
    except (BotoCoreError, BaseError) as error:
        raise OSError(errno.EREMOTEIO, f"the bucket {bucket} does not respond: {_short(error)}") from error


def error_of(bucket: str, response: Mapping[str, Any]) -> OSError:  # noqa: PLR0911
    """Return an OSError for an error response of boto3."""
    said = response.get("Error", {})
    code, status = str(said.get("Code", "")), response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    message = f"{code or status} {said.get('Message', '')}".strip()
    if code == "NoSuchBucket":
        return FileNotFoundError(errno.ENOENT, f"the bucket {bucket} does not exist")
    if status == 404:
        return FileNotFoundError(errno.ENOENT, f"the object does not exist in the bucket {bucket}")
    if code in _CREDENTIALS or status == 401:
        return _rejected(bucket, _CREDENTIALS.get(code, _CREDENTIALS["InvalidSecurity"]))
    if code in _REGION:
        return OSError(errno.EREMOTEIO, _elsewhere(bucket, region_named(response), message))
    if code == "InvalidObjectState":
        return PermissionError(
            errno.EACCES, f"it is in an archive tier of the bucket {bucket}; restore it first"
        )
    if status == 403:
        return _denied(bucket)
    if 400 <= status < 500 and status not in _BUSY and code not in _TIMED_OUT:
        return OSError(errno.EIO, f"the bucket {bucket} refuses access to the object: {message}")
    return OSError(errno.EREMOTEIO, f"the bucket {bucket} does not respond: {message}")


def region_named(response: Mapping[str, Any]) -> str | None:
    """Return the region that a response names, in its header or in the body of an error."""
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    return str(region) if region else None


def _elsewhere(bucket: str, region: str | None, message: str) -> str:
    if region is None:
        return f"the bucket {bucket} is in another region ({message}); correct AWS_REGION"
    return (
        f"the bucket {bucket} is in the region {region} ({message}); set AWS_REGION={region}, and correct "
        "AWS_ENDPOINT_URL if it names a region"
    )


def _rejected(bucket: str, why: str) -> OSError:
    return OSError(errno.EKEYREJECTED, f"the bucket {bucket} cannot be read: {why}")


def _denied(bucket: str) -> OSError:
    return PermissionError(
        errno.EACCES,
        f"these credentials may not list or read the bucket {bucket} (s3:ListBucket, s3:GetObject)",
    )


def _short(error: Exception) -> str:
    """Return the status if the endpoint responded, else the first line of the error."""
    text = str(error)
    status = re.search(r"status code: (\d{3}[ \w]*)", text)
    code = re.search(r"<Code>(\w+)</Code>", text)
    if status is None:
        return text.partition("\n")[0][:200]
    return f"{status.group(1).strip()}{f' ({code.group(1)})' if code else ''}"


__all__ = ["error_of", "os_errors", "region_named"]
