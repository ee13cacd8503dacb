"""`wsoptv doctor` on roots: a root is good if a byte can be read; otherwise the check names the problem."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deployments.doctor.check import Check
from deployments.doctor.folders import check_root
from tests.buckets import ACCESS_DENIED, EXPIRED, S3, WRONG_KEY, WRONG_SECRET, Refusal, malformed, redirected


@pytest.fixture
def films(s3: S3) -> S3:
    s3.put("a/film.mp4", b"a film")
    s3.put("b/film.mp4", b"a film")
    return s3


def checked(films: S3) -> Check:
    return check_root("AWS_S3_BUCKET", films.location.encode())


def test_a_readable_bucket_is_ok(films: S3) -> None:
    films.weather.abroad = malformed("eu-central-1")
    assert checked(films) == Check("AWS_S3_BUCKET", True, films.location)


def test_a_forbidden_folder_does_not_fail_the_bucket(films: S3) -> None:
    films.weather.refuses = lambda path: ACCESS_DENIED if "/a/" in path else None
    assert checked(films).ok


@pytest.mark.parametrize(
    ("refusal", "objects_alone", "says", "mend"),
    [
        (ACCESS_DENIED, True, "can be listed, but its files cannot be read", "s3:GetObject"),
        (ACCESS_DENIED, False, "may not list or read", "s3:ListBucket"),
        (WRONG_KEY, False, "does not know the access key", "AWS_ACCESS_KEY_ID"),
        (WRONG_SECRET, False, "the secret is not that of the access key", "AWS_SECRET_ACCESS_KEY"),
        (EXPIRED, False, "have expired", "renew"),
        (redirected("eu-central-1"), False, "set AWS_REGION=eu-central-1", "AWS_REGION"),
        (redirected("eu-central-1"), True, "set AWS_REGION=eu-central-1", "AWS_REGION"),
    ],
)
def test_each_problem_has_its_own_remedy(
    films: S3, refusal: Refusal, objects_alone: bool, says: str, mend: str
) -> None:
    films.weather.refuses = lambda path: refusal if path.count("/") > 1 or not objects_alone else None
    found = checked(films)
    assert not found.ok
    assert says in found.says
    assert mend in found.mend


def test_an_empty_folder_is_reported_as_not_mounted(tmp_path: Path) -> None:
    found = check_root("archive", os.fsencode(tmp_path))
    assert (found.ok, found.says) == (False, f"{tmp_path}: it is empty")
    assert "mount" in found.mend
