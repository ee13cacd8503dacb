"""Revocation of sign-ins, in the tables and at once in Redis."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.writes import login_sessions
from orchestration.breaker import UnavailableError
from orchestration.contracts import Done, PersonChanged, Revocation
from orchestration.events import Event, UserChanged
from serving.auth.session_cache import blacklist_of, hash_of
from serving.kernel.context import Context


@dataclass(frozen=True, slots=True)
class SessionRevoker:
    """Ends sign-ins. `seconds`: the longest lifetime of an access token."""

    context: Context
    seconds: int

    async def revoke(self, revocation: Revocation) -> Done:
        """End sign-ins in the tables, and at once in Redis."""
        chosen = None if revocation.session_id is None else [revocation.session_id]
        async with AsyncSession(self.context.resources.engine) as session, session.begin():
            ended = await session.run_sync(login_sessions.end, revocation.user_id, chosen, revocation.reason)
        await self.forget(revocation.user_id, ended)
        return Done(len(ended))

    async def note_change(self, changed: PersonChanged) -> Done:
        """Have the next request read the name and role of a person from the tables."""
        await self.forget(changed.user_id)
        return Done(1)

    async def on_event(self, event: Event) -> None:
        """Do the same after a change by another process, such as the command line."""
        if isinstance(event, UserChanged):
            await self.forget(event.user_id)

    async def forget(self, user_id: uuid.UUID, ended: Sequence[uuid.UUID] = ()) -> None:
        """Delete a person's sign-ins from Redis, and put those that ended on the blacklist while their tokens
        live."""
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
