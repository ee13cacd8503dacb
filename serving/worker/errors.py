"""Errors of block worker."""

from __future__ import annotations

from serving.http.errors import ApiError


class PrefectUnavailableError(ApiError):
    """Prefect is unavailable."""

    status = 503
    code = "WORKER_PREFECT_UNAVAILABLE"
    message = "Prefect is unavailable: start it with `wsoptv up`, or find the cause with `wsoptv doctor`."

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(details={"reason": reason} if reason else None, headers={"retry-after": "5"})


class DeploymentNotFoundError(ApiError):
    """No deployment has this name; the details list all deployments."""

    status = 404
    code = "WORKER_DEPLOYMENT_NOT_FOUND"
    message = "No deployment has this name: GET /api/admin/deployments lists all deployments."


class RunNotFoundError(ApiError):
    """No flow run has this id."""

    status = 404
    code = "WORKER_RUN_NOT_FOUND"
    message = "No flow run has this id: GET /api/admin/runs lists all runs."


class ParametersRefusedError(ApiError):
    """The flow does not accept these parameters."""

    status = 422
    code = "WORKER_PARAMETERS_REFUSED"
    message = "The flow does not accept these parameters: 'root' must be text."


class RootNotAllowedError(ApiError):
    """Runs started by the API may not read this folder or bucket."""

    status = 403
    code = "WORKER_ROOT_NOT_ALLOWED"
    message = "Runs started by the API may not read '/etc': it is not in an allowed root."

    def __init__(self, location: str = "/etc", reason: str = "it is not in an allowed root") -> None:
        super().__init__(
            f"Runs started by the API may not read {location[:500]!r}: {reason}. Add it to WSOPTV_ROOTS, or "
            "run `wsoptv ingest` on it once on the machine itself."
        )


class RunEndedError(ApiError):
    """The run has already ended."""

    status = 409
    code = "WORKER_RUN_ENDED"
    message = "This run has already ended and cannot be cancelled."
