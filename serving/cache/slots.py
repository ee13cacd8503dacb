"""Slots of players: the provider for other blocks, and the task that releases expired slots."""

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
    """Return the rules of the settings."""
    limits = SlotLimits(settings.stream_limit, settings.stream_limit_per_user, settings.stream_queue_limit)
    return SlotRules(limits, dt.timedelta(seconds=settings.stream_lease_seconds))


class SlotProvider:
    """Provides ADMIT, RENEW and RELEASE. All its state is in PostgreSQL."""

    def __init__(self, context: Context) -> None:
        self._resources, self._bus = context.resources, context.bus
        self._rules = rules_of(context.settings)

    async def admit(self, asked: Admission) -> Slot:
        """Return a slot for a player, or a place in the queue."""
        viewer = asked.viewer
        # RenewedPlayback first: a session that is refused below keeps its place.
        if asked.playback_id is not None:
            await self._renew(Renewal(asked.playback_id, viewer.user_id))
        new = NewSession(asked.content_id, viewer.session_id, asked.device)
        return await self._admit(
            SlotRequest(viewer.user_id, new, asked.playback_id, asked.join, asked.take_over)
        )

    async def renew(self, asked: Renewal) -> Slot:
        """Renew a lease; one statement for a player that holds a slot."""
        if asked.over:
            return await self._add_leftover(asked)
        renewed = await self._renew(asked)
        if renewed is None or not renewed.playing:
            slot = await self._admit(SlotRequest(asked.user_id, playback_id=asked.playback_id))
            if renewed is None and (asked.bytes_sent or asked.version):
                # The session is open again, and lacks these bytes and this version.
                renewed = await self._renew(asked)
        else:
            slot = self._slot(Placement(asked.playback_id, renewed.content_id, 0), asked.user_id)
        noted = renewed.version if renewed else None
        return replace(slot, version=FileVersion.read(noted) if noted else None)

    async def release(self, asked: Release) -> Done:
        """End one session, or all of a person."""
        async with transaction(self._resources, self._bus) as work:
            ended, viewed = await work.run(_release, asked)
            work.announce(*map(ended_event, ended), *map(ContentViewed, viewed))
        return Done(len(ended))

    async def sweep_for_ever(self) -> None:
        """Release expired slots regularly, so that their end is announced even if no player arrives."""
        while True:
            await asyncio.sleep(self._rules.lease.total_seconds())
            try:
                async with transaction(self._resources, self._bus) as work:
                    work.announce(*map(ended_event, await work.run(_sweep, self._rules.lease)))
            except Exception as error:  # noqa: BLE001 - the next sweep may succeed
                _log.warning("sweep of expired leases failed: %s", str(error).partition("\n")[0])

    async def _renew(self, asked: Renewal) -> RenewedPlayback | None:
        async with transaction(self._resources, self._bus) as work:
            renewed = await work.run(
                playback_sessions.renew,
                asked.playback_id,
                asked.user_id,
                asked.bytes_sent,
                str(asked.version) if asked.version else None,
            )
            if renewed and asked.from_copy and asked.bytes_sent:
                first = renewed.bytes_sent == asked.bytes_sent
                await work.run(cached_files.record_use, renewed.content_id, asked.bytes_sent, first=first)
            uncounted = renewed is not None and renewed.playing and not renewed.viewed
            if renewed and uncounted and await work.run(content_views.count, asked.playback_id):
                work.announce(ContentViewed(renewed.content_id))
            return renewed

    async def _add_leftover(self, asked: Renewal) -> Slot:
        async with transaction(self._resources, self._bus) as work:
            content_id, viewed = await work.run(_add_leftover, asked)
            work.announce(*map(ContentViewed, viewed))
        return self._slot(Placement(asked.playback_id, content_id, 0), asked.user_id)

    async def _admit(self, wanted: SlotRequest) -> Slot:
        async with transaction(self._resources, self._bus) as work:
            place = await work.run(admit, wanted, self._rules)
            work.announce(*place.events)
        return self._slot(place, wanted.user_id)

    def _slot(self, place: Placement, user_id: uuid.UUID) -> Slot:
        lease = self._rules.lease.total_seconds()
        return Slot(place.playback_id, place.content_id, user_id, place.position, lease)


def _release(session: Session, asked: Release) -> tuple[list[EndedPlayback], list[uuid.UUID]]:
    """Return the sessions that were ended, and the titles whose views were counted."""
    playback_sessions.lock(session)
    if asked.playback_id is None:
        ended = playback_sessions.end_all(session, asked.user_id, asked.reason)
    else:
        if queries.find(session, asked.playback_id, asked.user_id) is None:
            raise PlaybackNotFoundError
        ended = playback_sessions.end(session, [asked.playback_id], asked.reason)
    return ended, content_views.count_ended(session, ended)


def _add_leftover(session: Session, asked: Renewal) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Add bytes to a session that has ended. Returns its title, and it again if the bytes make a view."""
    found = playback_sessions.add_late_bytes(session, asked.playback_id, asked.user_id, asked.bytes_sent)
    if found is None:
        raise PlaybackNotFoundError
    over, in_all = found
    if asked.from_copy:
        cached_files.record_use(session, over.content_id, asked.bytes_sent, first=in_all == asked.bytes_sent)
    return over.content_id, content_views.count_ended(session, [over])


def _sweep(session: Session, lease: dt.timedelta) -> list[EndedPlayback]:
    playback_sessions.lock(session)
    return playback_sessions.expire(session, lease)
