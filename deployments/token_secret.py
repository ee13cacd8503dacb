"""The secret that tokens are signed with: the configured one, or one that the embedded stack's home makes and keeps."""

from __future__ import annotations

from pydantic import SecretStr

from catalog_models.errors import RefusedError
from deployments.stack.home_secrets import home_secret
from orchestration.settings import Settings


class SecretRequiredError(RefusedError):
    """A secret that the home made up is not enough here."""

    code = "secret_needed"


def with_token_secret(settings: Settings) -> Settings:
    """The settings with a secret. Raises `SecretRequiredError` where the database is not the embedded one: other hosts may
    serve from it, too, and have to sign with the same."""
    if settings.jwt_secret is not None:
        return settings
    if settings.database_url is not None:
        raise SecretRequiredError(
            "with a database of your own (DATABASE_URL) the tokens' secret is yours as well: set JWT_SECRET_KEY "
            "(`openssl rand -hex 32` makes one), the same on every host"
        )
    return settings.model_copy(update={"jwt_secret": SecretStr(home_secret(settings.home, "jwt"))})
