"""Requests that S3 refuses: its region is followed, and other errors get messages for users."""

from __future__ import annotations

import errno

import pytest

from orchestration.storage import is_down, storage_at
from orchestration.storage.bucket import open_object
from tests.buckets import (
    ACCESS_DENIED,
    EXPIRED,
    S3,
    SLOW_DOWN,
    WRONG_KEY,
    WRONG_SECRET,
    Refusal,
    malformed,
    redirected,
)

_BODY = bytes(range(256)) * 8


@pytest.fixture
def film(s3: S3) -> bytes:
    """Return the location of an object."""
    s3.put("old/a.mp4", _BODY)
    return f"{s3.location}/old/a.mp4".encode()


@pytest.mark.parametrize("says", [redirected, malformed])
def test_the_region_that_s3_reports_is_followed(s3: S3, film: bytes, says: object) -> None:
    s3.weather.abroad = (redirected if says is redirected else malformed)("eu-central-1")
    opened = open_object(film)
    assert opened.read(10, 500) == _BODY[10:510]
    assert b"".join(opened.read_many(0, 2_000, 4)) == _BODY[:2_000]
    assert "eu-central-1" in opened.url()
    assert [found.path for found in storage_at(s3.location.encode()).files(b"", lambda _: False, {})]
    s3.weather.asked.clear()
    open_object(film).read(0, 10)
    assert len(s3.weather.asked) == 2, "the region is learnt once"


def test_a_bucket_that_moves_to_another_region_is_followed_again(s3: S3, film: bytes) -> None:
    for region in ("eu-central-1", "ap-south-1"):
        s3.weather.abroad = malformed(region)
        assert open_object(film).read(0, 5) == _BODY[:5]


def test_a_region_that_cannot_be_followed_is_named(s3: S3, film: bytes) -> None:
    """An endpoint of one region redirects forever."""
    s3.weather.refuses = lambda _path: redirected("eu-central-1")
    with pytest.raises(OSError, match="set AWS_REGION=eu-central-1") as error:
        open_object(film)
    assert is_down(error.value)
    with pytest.raises(OSError, match="set AWS_REGION=eu-central-1"):
        next(storage_at(s3.location.encode()).files(b"", lambda _: False, {}))


@pytest.mark.parametrize(
    ("refusal", "number", "says"),
    [
        (WRONG_KEY, errno.EKEYREJECTED, "does not know the access key"),
        (WRONG_SECRET, errno.EKEYREJECTED, "AWS_SECRET_ACCESS_KEY"),
        (EXPIRED, errno.EKEYREJECTED, "have expired"),
        (Refusal("401 Unauthorized", "Unauthorized"), errno.EKEYREJECTED, "refuses the credentials"),
        (Refusal("403 Forbidden", "RequestTimeTooSkewed"), errno.EKEYREJECTED, "clock"),
        (ACCESS_DENIED, errno.EACCES, "may not list or read"),
        (SLOW_DOWN, errno.EREMOTEIO, "SlowDown|503"),
        (Refusal("404 Not Found", "NoSuchBucket"), errno.ENOENT, "does not exist"),
    ],
)
def test_refusals_of_s3_are_distinguished(
    s3: S3, film: bytes, refusal: Refusal, number: int, says: str
) -> None:
    """While listing and while reading, although a refused HEAD has no body."""
    opened = open_object(film)
    s3.weather.refuses = lambda _path: refusal
    for request in (
        lambda: open_object(film),
        lambda: opened.read(0, 10),
        lambda: opened.read_many(0, 10, 2),
        lambda: next(storage_at(s3.location.encode()).files(b"", lambda _: False, {})),
    ):
        with pytest.raises(OSError, match=says) as error:
            request()
        assert error.value.errno == number


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (Refusal("403 Forbidden", "InvalidObjectState"), "archive tier"),
        (Refusal("400 Bad Request", "KMS.DisabledException"), "refuses access to the object"),
    ],
)
def test_an_error_of_one_object_does_not_affect_the_others(
    s3: S3, film: bytes, refusal: Refusal, says: str
) -> None:
    opened = open_object(film)
    s3.weather.refuses = lambda _path: refusal
    with pytest.raises(OSError, match=says) as error:
        opened.read(0, 10)
    assert not is_down(error.value)


def test_renewed_credentials_are_used(s3: S3, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    open_object(film)
    s3.weather.refuses = lambda _path: EXPIRED
    with pytest.raises(OSError, match="expired"):
        open_object(film)
    s3.weather.clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renewed")
    assert "renewed" in open_object(film).url()


def test_all_parts_of_a_copy_are_of_one_object(s3: S3, film: bytes) -> None:
    opened = open_object(film)
    opened.read_many(0, 2_000, 4)
    assert s3.weather.unguarded == []
    s3.put("old/a.mp4", _BODY[::-1])
    from orchestration.storage import FileChangedError

    with pytest.raises(FileChangedError):
        opened.read_many(0, 2_000, 4)
