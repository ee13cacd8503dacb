"""Keys derived from the secret, one per purpose: a signature for one purpose is not valid for another."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings


def derived_key(settings: Settings, purpose: str) -> bytes:
    """Return the 32-byte key for a purpose. Raises `ValueError` if no secret is set.

    It is the HMAC-SHA256 of the purpose under the secret: the expand step of HKDF (RFC 5869 §2.3) for one
    block.
    """
    if settings.jwt_secret is None:
        raise ValueError("no secret is set to sign tokens with: set JWT_SECRET_KEY")
    secret = settings.jwt_secret.get_secret_value().encode()
    return hmac.new(secret, f"wsoptv {purpose}\x01".encode(), hashlib.sha256).digest()
