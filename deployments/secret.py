"""The secret that tokens are signed with: the configured one, or one that the embedded stack's home makes and keeps."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from catalog_models.errors import RefusedError
from orchestration.settings import Settings


class SecretNeededError(RefusedError):
    """A secret that the home made up is not enough here."""

    code = "secret_needed"


def with_secret(settings: Settings) -> Settings:
    """The settings with a secret. Raises `SecretNeededError` where the database is not the embedded one: other hosts may
    serve from it, too, and have to sign with the same."""
    if settings.jwt_secret is not None:
        return settings
    if settings.database_url is not None:
        raise SecretNeededError(
            "with a database of your own (DATABASE_URL) the tokens' secret is yours as well: set JWT_SECRET_KEY "
            "(`openssl rand -hex 32` makes one), the same on every host"
        )
    return settings.model_copy(update={"jwt_secret": SecretStr(kept(settings.home, "jwt"))})


def kept(home: Path, name: str) -> str:
    """The secret of this name that the home keeps, made at its first use; of two that make one at once, one wins."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = folder / name
    if not final.exists():
        descriptor, part = tempfile.mkstemp(dir=folder)  # readable for us alone
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, final)  # unlike a rename it never replaces what another has just made
        Path(part).unlink()
    return final.read_text().strip()
