"""Raising of alerts: every half minute, problems go into the table, the log and the webhook."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import os
import secrets
import shutil
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Alert, FindingRow, MediaFile
from catalog_models.values import DAMAGE
from catalog_models.writes import alerts, file_alerts
from orchestration.contracts import FAILED_FLOWS, Nothing
from orchestration.registry import BlockDownError
from serving.block import Commons
from serving.errors import ApiError
from serving.outgoing import certificates
from serving.probes import Monitor, State, States
from serving.transaction import transaction

EVERY = 30.0  # seconds
ERROR_RATE = 0.05
SSD_FULL = 0.90  # of what copies may fill, or of the disk
# Missed checks after which a process counts as dead, and its alerts are closed.
LOOKS_MISSED = 3
# Seconds that a check may take.
_LOOK = 5.0
_LEAST = 50  # answers in five minutes: of three one that failed says nothing
_MOST_DAMAGED = 20  # files that are told apart; the flow's report has all
_PATIENCE = 5.0  # seconds for the webhook
_TRIES = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alarms:
    """The alert checks of one process. `monitor` is that of `/api/health`."""

    commons: Commons
    monitor: Monitor

    async def look(self) -> list[Alert]:
        """Check everything once. Return the alerts that this check raised or resolved.

        Those about missing, quarantined and failed files are raised and resolved by flows and commands: return
        what no check has returned yet.
        """
        began, states = time.monotonic(), await self.monitor.states()
        found: dict[str, Mapping[str, str] | None] = {
            "block_down": _blocks(states),
            "ssd_full": await asyncio.to_thread(self._ssd),
            "flow_failed": await self._flows(),
            "damage": await self._damage(),
        }
        async with transaction(self.commons.resources, self.commons.bus) as work:
            lease = dt.timedelta(seconds=LOOKS_MISSED * EVERY + _LOOK)
            rate = self._error_rate()
            changed = await work.run(alerts.settle_own, "error_rate", _this_process(), rate, lease)
            age = dt.timedelta(seconds=time.monotonic() - min(began, states.began))
            for kind, wrong in found.items():
                if wrong is not None:
                    changed += await work.run(alerts.settle, kind, wrong, age)
            return changed + await work.run(alerts.take_unreported, file_alerts.KINDS)

    def _error_rate(self) -> str | None:
        rate = self.commons.measures.error_rate
        if rate.value() <= ERROR_RATE or rate.answers() < _LEAST:
            return None
        return f"{rate.value():.0%} of the responses in the last five minutes were server errors (5xx): see the log"

    def _ssd(self) -> Mapping[str, str] | None:
        folder = self.commons.settings.cache_folder
        try:
            disk = shutil.disk_usage(folder)
        except OSError:  # nothing was ever copied, or the flow says what is wrong with it
            return {}
        full = 1 - disk.free / disk.total
        return (
            {str(folder): f"the disk of {folder} is {full:.0%} full: make room, or lower WSOPTV_CACHE_BYTES"}
            if full > SSD_FULL
            else {}
        )

    async def _damage(self) -> Mapping[str, str]:
        """Files that `verify-fixity` found to be others than they were."""
        query = (
            select(MediaFile.path_text, FindingRow.message)
            .join(MediaFile, MediaFile.id == FindingRow.media_file_id)
            .where(FindingRow.rule.in_(DAMAGE), FindingRow.resolved_at.is_(None))
            .order_by(FindingRow.first_seen_at)
            .limit(_MOST_DAMAGED)
        )
        async with AsyncSession(self.commons.resources.engine) as session:
            rows = (await session.execute(query)).tuples()
            return {path: f"{path}: {message}" for path, message in rows}

    async def _flows(self) -> Mapping[str, str] | None:
        """None where Prefect does not answer: nothing is known then."""
        try:
            failed = await self.commons.registry.ask(FAILED_FLOWS, Nothing())
        except (ApiError, BlockDownError):
            return None
        return failed.messages


def _blocks(states: States) -> Mapping[str, str]:
    return {
        name: f"block {name} is down: see /api/health and the log"
        for name, state in states.blocks.items()
        if state is State.DOWN
    }


@functools.cache
def _this_process() -> str:
    """Return a unique name of this process. The random part distinguishes it from an earlier process with the
    same id, and from one in another container with the same host name."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


@asynccontextmanager
async def watching(alarms: Alarms) -> AsyncIterator[None]:
    """Check for alerts in the background while the context is open."""
    async with httpx.AsyncClient(timeout=_PATIENCE, verify=certificates()) as client:
        task = asyncio.create_task(_watch(alarms, client))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _watch(alarms: Alarms, client: httpx.AsyncClient) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            for alert in await alarms.look():
                await _tell(alert, alarms.commons.settings.alert_webhook, client)
        except Exception as error:  # noqa: BLE001 - the next look may succeed; the database, say, is away
            _log.warning("alert check failed: %s", str(error).partition("\n")[0])


async def _tell(alert: Alert, webhook: str | None, client: httpx.AsyncClient) -> None:
    state = "raised" if alert.resolved_at is None else "resolved"
    _log.warning("alert %s: %s: %s", state, alert.kind, alert.message)
    if webhook is None:
        return
    body = {"state": state, "kind": alert.kind, "subject": alert.subject, "message": alert.message}
    text = f"WSOPTV: {alert.message}" if state == "raised" else f"WSOPTV, resolved: {alert.message}"
    for _ in range(_TRIES):
        with suppress(httpx.HTTPError):
            answer = await client.post(
                webhook, json={**body, "at": alert.raised_at.isoformat(), "text": text}
            )
            if answer.is_success:
                return
        await asyncio.sleep(1)
    _log.warning(
        "the webhook took none of %d tries: correct WSOPTV_ALERT_WEBHOOK, or mend what it names", _TRIES
    )
