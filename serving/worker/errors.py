"""Errors of block worker."""

from __future__ import annotations

from serving.http.errors import ApiError


class PrefectUnavailableError(ApiError):
    """Prefect does not answer."""

    status = 503
    code = "WORKER_PREFECT_UNAVAILABLE"
    message = "Prefect does not answer: `wsoptv up` starts it, `wsoptv doctor` looks closer."

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(details={"reason": reason} if reason else None, headers={"retry-after": "5"})


class DeploymentNotFoundError(ApiError):
    """There is no deployment of this name; the details have those that there are."""

    status = 404
    code = "WORKER_DEPLOYMENT_NOT_FOUND"
    message = "There is no deployment of this name."


class RunNotFoundError(ApiError):
    """Prefect knows no run with this id."""

    status = 404
    code = "WORKER_RUN_NOT_FOUND"
    message = "There is no run with this id."


class ParametersRefusedError(ApiError):
    """The flow does not take these parameters."""

    status = 422
    code = "WORKER_PARAMETERS_REFUSED"
    message = "The flow does not take these parameters: 'root' is no text."


class RootNotAllowedError(ApiError):
    """A run may not read this folder or bucket."""

    status = 403
    code = "WORKER_ROOT_NOT_ALLOWED"
    message = "Runs started over the API may not read '/etc': it lies in no allowed root."

    def __init__(self, location: str = "/etc", reason: str = "it lies in no allowed root") -> None:
        super().__init__(
            f"Runs started over the API may not read {location[:500]!r}: {reason}. Add it to WSOPTV_ROOTS, or run "
            "`wsoptv ingest` on it once on the machine itself."
        )


class RunEndedError(ApiError):
    """What has ended cannot be cancelled."""

    status = 409
    code = "WORKER_RUN_ENDED"
    message = "This run has ended; there is nothing to cancel."
