"""Playback URLs: a `<video>` cannot send a header, and a token of a sign-in never stands in an address.

What stands there instead is good for one playback session, one title and one person, and for some hours:
`base64url(playback_id ‖ content_id ‖ user_id ‖ expiry in seconds since 1970 ‖ HMAC-SHA256)`.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import struct
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache

_SIGNED = struct.Struct(">16s16s16sQ")
_LENGTH = 120  # characters, of 88 bytes

LONGEST = 12 * 3_600  # seconds
_SPARE = 3_600  # seconds beyond the title's own duration


@dataclass(frozen=True, slots=True)
class Grant:
    """What a playback URL is good for; until `expires_at`, in seconds since 1970."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID
    expires_at: int


def lifetime(duration_seconds: float | None) -> int:
    """Seconds that the URL of a title of this duration is good for: to watch it with an hour's breaks."""
    return LONGEST if duration_seconds is None else int(min(duration_seconds + _SPARE, LONGEST))


def sign(grant: Grant, key: bytes) -> str:
    """The grant as it stands in an address."""
    ids = (grant.playback_id.bytes, grant.content_id.bytes, grant.user_id.bytes)
    signed = _SIGNED.pack(*ids, grant.expires_at)
    return urlsafe_b64encode(signed + hmac.digest(key, signed, hashlib.sha256)).decode()


def read(text: str, key: bytes, now: float) -> Grant | None:
    """The grant, None when it was not signed with this key as it stands, or is too old."""
    grant = _genuine(text, key)
    return grant if grant is not None and now < grant.expires_at else None


@lru_cache(4_096)  # a player that seeks shows the same address again and again
def _genuine(text: str, key: bytes) -> Grant | None:
    if len(text) != _LENGTH or not text.isascii():
        return None
    try:
        fields = _SIGNED.unpack(urlsafe_b64decode(text)[: _SIGNED.size])
    except (binascii.Error, struct.error):
        return None
    playback_id, content_id, user_id = (uuid.UUID(bytes=each) for each in fields[:3])
    grant = Grant(playback_id, content_id, user_id, fields[3])
    # As text, for several texts are decoded to the same bytes.
    return grant if hmac.compare_digest(sign(grant, key), text) else None
