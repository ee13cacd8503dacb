"""Revocation of sign-ins, in PostgreSQL and in Redis."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_models.writes import login_sessions
from orchestration.breaker import UnavailableError
from orchestration.contracts import Done, PersonChanged, Revocation
from orchestration.events import Event, UserChanged
from serving.auth.session_cache import blacklist_of, hash_of
from serving.kernel.context import Context
from serving.kernel.transaction import transaction


@dataclass(frozen=True, slots=True)
class SessionRevoker:
    """Ends sign-ins. `seconds` is the longest lifetime of an access token."""

    context: Context
    seconds: int

    async def revoke(self, revocation: Revocation) -> Done:
        """End sign-ins, and return their number. Their access tokens are refused at once."""
        chosen = None if revocation.session_id is None else [revocation.session_id]
        async with transaction(self.context.resources, self.context.bus) as work:
            ended = await work.run(login_sessions.end, revocation.user_id, chosen, revocation.reason)
        await self.forget(revocation.user_id, ended)
        return Done(len(ended))

    async def note_change(self, changed: PersonChanged) -> Done:
        """Make the next request read the name and role of an account from PostgreSQL."""
        await self.forget(changed.user_id)
        return Done(1)

    async def on_event(self, event: Event) -> None:
        """Handle a change by another process, such as the command line."""
        if isinstance(event, UserChanged):
            await self.forget(event.user_id)

    async def forget(self, user_id: uuid.UUID, ended: Sequence[uuid.UUID] = ()) -> None:
        """Delete the sign-ins of an account from Redis; blacklist ended ones until their tokens expire."""
        l1 = self.context.l1
        await l1.drop(hash_of(user_id))
        if l1.redis is None or not ended:
            return
        try:
            async with l1.breaker.guard(), l1.redis.pipeline() as pipe:
                for session_id in ended:
                    pipe.set(blacklist_of(session_id), 1, ex=self.seconds)
                await pipe.execute()
        except UnavailableError:
            # PostgreSQL is asked while Redis is unavailable.
            return
