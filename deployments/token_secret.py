"""The secret that signs tokens: the configured one, or one that the home of the embedded servers keeps."""

from __future__ import annotations

from pydantic import SecretStr

from catalog_models.errors import RefusedError
from deployments.stack.home_secrets import home_secret
from orchestration.settings import Settings


class SecretRequiredError(RefusedError):
    """The secret that the home generates is not enough here."""

    code = "secret_needed"


def with_token_secret(settings: Settings) -> Settings:
    """Return the settings with a secret.

    Raises `SecretRequiredError` if none is configured and the database is external: other hosts may serve
    from the same database, and must sign with the same secret.
    """
    if settings.jwt_secret is not None:
        return settings
    if settings.database_url is not None:
        raise SecretRequiredError(
            "an external database (DATABASE_URL) needs a configured secret for tokens: set JWT_SECRET_KEY "
            "to the same value on every host (`openssl rand -hex 32` creates one)"
        )
    return settings.model_copy(update={"jwt_secret": SecretStr(home_secret(settings.home, "jwt"))})
