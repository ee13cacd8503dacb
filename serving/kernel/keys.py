"""Keys derived from the secret, one for each purpose: a signature for one purpose is not valid for
another."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings


def derived_key(settings: Settings, purpose: str) -> bytes:
    """Return 32 bytes: HMAC-SHA256 of the purpose under the secret (HKDF's expand step, RFC 5869 §2.3, with
    one block).

    Raises `ValueError` if no secret is set.
    """
    if settings.jwt_secret is None:
        raise ValueError("there is no secret to sign with: set JWT_SECRET_KEY")
    secret = settings.jwt_secret.get_secret_value().encode()
    return hmac.new(secret, f"wsoptv {purpose}\x01".encode(), hashlib.sha256).digest()
