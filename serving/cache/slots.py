"""Slots of players: the provider for other blocks, and the background task that releases expired slots."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from catalog_models.tables import EndedPlayback, RenewedPlayback
from catalog_models.writes import cached_files, content_views, playback_sessions
from orchestration.contracts import Admission, Done, FileVersion, Release, Renewal, Slot
from orchestration.events import ContentViewed
from serving.cache import queries
from serving.cache.admission import NewSession, Placement, SlotRequest, SlotRules, admit, ended_event
from serving.cache.slot_policy import SlotLimits
from serving.kernel.context import Context
from serving.kernel.transaction import transaction
from serving.titles.playback_errors import PlaybackNotFoundError

if TYPE_CHECKING:
    from orchestration.settings import Settings

_log = logging.getLogger(__name__)


def rules_of(settings: Settings) -> SlotRules:
    """Return the slot rules of the settings."""
    limits = SlotLimits(settings.stream_limit, settings.stream_limit_per_user, settings.stream_queue_limit)
    return SlotRules(limits, dt.timedelta(seconds=settings.stream_lease_seconds))


class SlotProvider:
    """Provides ADMIT, RENEW and RELEASE. All its state is in PostgreSQL."""

    def __init__(self, context: Context) -> None:
        self._resources, self._bus = context.resources, context.bus
        self._rules = rules_of(context.settings)

    async def admit(self, request: Admission) -> Slot:
        """Return a slot for a player, or a position in the queue."""
        viewer = request.viewer
        # Renewed first, so that a session that is refused below keeps its position.
        if request.playback_id is not None:
            await self._renew(Renewal(request.playback_id, viewer.user_id))
        new = NewSession(request.content_id, viewer.session_id, request.device)
        return await self._admit(
            SlotRequest(viewer.user_id, new, request.playback_id, request.join, request.take_over)
        )

    async def renew(self, request: Renewal) -> Slot:
        """Renew a lease. For a player that holds a slot, this takes one statement."""
        if request.over:
            return await self._add_late_bytes(request)
        renewed = await self._renew(request)
        if renewed is None or not renewed.playing:
            slot = await self._admit(SlotRequest(request.user_id, playback_id=request.playback_id))
            if renewed is None and (request.bytes_sent or request.version):
                # The session was reopened, and its bytes and its version are not stored yet.
                renewed = await self._renew(request)
        else:
            slot = self._slot(Placement(request.playback_id, renewed.content_id, 0), request.user_id)
        noted = renewed.version if renewed else None
        return replace(slot, version=FileVersion.read(noted) if noted else None)

    async def release(self, request: Release) -> Done:
        """End one session, or all sessions of an account."""
        async with transaction(self._resources, self._bus) as work:
            ended, viewed = await work.run(_release, request)
            work.announce(*map(ended_event, ended), *map(ContentViewed, viewed))
        return Done(len(ended))

    async def run_sweeps(self) -> None:
        """Release expired slots regularly, so that their end is announced even without new players."""
        while True:
            await asyncio.sleep(self._rules.lease.total_seconds())
            try:
                async with transaction(self._resources, self._bus) as work:
                    work.announce(*map(ended_event, await work.run(_sweep, self._rules.lease)))
            except Exception as error:  # noqa: BLE001 - the next sweep may succeed
                _log.warning("sweep of expired leases failed: %s", str(error).partition("\n")[0])

    async def _renew(self, request: Renewal) -> RenewedPlayback | None:
        async with transaction(self._resources, self._bus) as work:
            renewed = await work.run(
                playback_sessions.renew,
                request.playback_id,
                request.user_id,
                request.bytes_sent,
                str(request.version) if request.version else None,
            )
            if renewed and request.from_copy and request.bytes_sent:
                first = renewed.bytes_sent == request.bytes_sent
                await work.run(cached_files.record_use, renewed.content_id, request.bytes_sent, first=first)
            uncounted = renewed is not None and renewed.playing and not renewed.viewed
            if renewed and uncounted and await work.run(content_views.count, request.playback_id):
                work.announce(ContentViewed(renewed.content_id))
            return renewed

    async def _add_late_bytes(self, request: Renewal) -> Slot:
        async with transaction(self._resources, self._bus) as work:
            content_id, viewed = await work.run(_add_late_bytes, request)
            work.announce(*map(ContentViewed, viewed))
        return self._slot(Placement(request.playback_id, content_id, 0), request.user_id)

    async def _admit(self, wanted: SlotRequest) -> Slot:
        async with transaction(self._resources, self._bus) as work:
            place = await work.run(admit, wanted, self._rules)
            work.announce(*place.events)
        return self._slot(place, wanted.user_id)

    def _slot(self, place: Placement, user_id: uuid.UUID) -> Slot:
        lease = self._rules.lease.total_seconds()
        return Slot(place.playback_id, place.content_id, user_id, place.position, lease)


def _release(session: Session, request: Release) -> tuple[list[EndedPlayback], list[uuid.UUID]]:
    """End sessions. Return them, and the ids of the titles whose views were counted."""
    playback_sessions.lock(session)
    if request.playback_id is None:
        ended = playback_sessions.end_all(session, request.user_id, request.reason)
    else:
        if queries.find(session, request.playback_id, request.user_id) is None:
            raise PlaybackNotFoundError
        ended = playback_sessions.end(session, [request.playback_id], request.reason)
    return ended, content_views.count_ended(session, ended)


def _add_late_bytes(session: Session, request: Renewal) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Add bytes to a session that has ended.

    Returns its title, and a list that also contains the title if the bytes complete a view.
    """
    found = playback_sessions.add_late_bytes(
        session, request.playback_id, request.user_id, request.bytes_sent
    )
    if found is None:
        raise PlaybackNotFoundError
    over, in_all = found
    if request.from_copy:
        cached_files.record_use(
            session, over.content_id, request.bytes_sent, first=in_all == request.bytes_sent
        )
    return over.content_id, content_views.count_ended(session, [over])


def _sweep(session: Session, lease: dt.timedelta) -> list[EndedPlayback]:
    playback_sessions.lock(session)
    return playback_sessions.expire(session, lease)
