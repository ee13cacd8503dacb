"""The checks of `wsoptv doctor`: each returns its result, and a remedy for a problem."""

from __future__ import annotations

import os

from pydantic import ValidationError

from catalog_models.locations import absolute
from deployments.doctor.check import Check
from deployments.doctor.folders import check_root
from deployments.doctor.machine import (
    check_ffmpeg,
    check_home,
    check_libraries,
    check_programs,
    check_python,
    check_space,
)
from deployments.doctor.search import meilisearch_check
from deployments.doctor.servers import check_prefect, check_stack
from deployments.doctor.web import check_web
from orchestration.settings import Settings
from tasks.export.unfinished_folders import remove_abandoned


def run_checks() -> list[Check]:
    """Run all checks and return them, in the order in which to solve problems."""
    found = [check_python(), check_programs(), check_ffmpeg(), check_libraries()]
    try:
        settings = Settings()
    except ValidationError as error:
        bad = "; ".join(
            f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors(include_input=False)
        )
        return [*found, Check("settings", False, bad, "correct these environment variables")]
    remove_abandoned(settings.home)
    found += [check_home(settings), check_space(settings), check_web(settings), check_prefect(settings)]
    if settings.meilisearch_url is not None:
        found.append(meilisearch_check(settings))
    if settings.archive is not None:
        found.append(check_root("NAS_MOUNT_PATH", os.fsencode(settings.archive)))
    if settings.bucket is not None:
        found.append(check_root("AWS_S3_BUCKET", absolute(settings.archives[-1])))
    if not settings.home.is_dir():
        # No server has been started yet, and a check must not create the home.
        return found
    return [*found, *check_stack(settings)]
