"""Block auth: accounts, sign-ins and rate limits."""

from __future__ import annotations

from orchestration.contracts import AUTHENTICATE, HASH_PASSWORD, NOTE_CHANGE, REVOKE
from serving.auth import forms, options, own_account, preferences, registration, routes
from serving.auth.block import open_auth
from serving.kernel.block import Block

block = Block(
    "auth",
    open_auth,
    (registration.router, own_account.router, preferences.router, options.router, routes.router),
    provides=(AUTHENTICATE, REVOKE, NOTE_CHANGE, HASH_PASSWORD),
    quick=forms.ROUTES,
)
