"""Ending sign-ins: in the tables, and at once in Redis."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.writes import login_sessions
from orchestration.breaker import UnavailableError
from orchestration.contracts import Done, Revocation
from serving.auth.standing import hash_of
from serving.block import Commons


@dataclass(frozen=True, slots=True)
class Revoking:
    """Ends sign-ins. `seconds`: how long an access token lives at most."""

    commons: Commons
    seconds: int

    async def revoke(self, revocation: Revocation) -> Done:
        """End sign-ins in the tables, and at once in Redis."""
        chosen = None if revocation.session_id is None else [revocation.session_id]
        async with AsyncSession(self.commons.resources.engine) as session, session.begin():
            ended = await session.run_sync(login_sessions.end, revocation.user_id, chosen, revocation.reason)
        await self.forget(revocation.user_id, [str(session_id) for session_id in ended])
        return Done(len(ended))

    async def forget(self, user_id: uuid.UUID, ended: list[str]) -> None:
        """Have Redis know nothing of the person's sign-ins, and refuse those that ended while their tokens live."""
        l1 = self.commons.l1
        await l1.drop(hash_of(user_id))
        if l1.redis is None or not ended:
            return
        try:
            async with l1.breaker.guard(), l1.redis.pipeline() as pipe:
                for session_id in ended:
                    pipe.set(f"blacklist:{session_id}", 1, ex=self.seconds)
                await pipe.execute()
        except UnavailableError:
            return  # PostgreSQL knows, and is asked while Redis is away
