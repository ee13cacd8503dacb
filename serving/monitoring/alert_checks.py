"""Alert checks: every half minute, write problems to the alerts table, the log and the webhook."""

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
from serving.http.errors import ApiError
from serving.http.tls import certificates
from serving.kernel.context import Context
from serving.kernel.transaction import transaction
from serving.monitoring.probes import Monitor, State, States

# Seconds between two checks.
EVERY = 30.0
ERROR_RATE = 0.05
# The share of the disk with the copies that may be in use.
SSD_FULL = 0.90
# A process that misses this many checks counts as dead, and its alerts are resolved.
CHECKS_MISSED = 3
# The most seconds that a check may take.
_CHECK = 5.0
# The error rate of fewer responses in five minutes is not meaningful.
_LEAST = 50
# At most this many files get an alert; the report of the flow lists all.
_MOST_DAMAGED = 20
# The most seconds that a request to the webhook may take.
_PATIENCE = 5.0
_TRIES = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlertChecks:
    """The alert checks of one process. `monitor` is that of `/api/health`."""

    context: Context
    monitor: Monitor

    async def check(self) -> list[Alert]:
        """Check everything once, and return the alerts that were raised or resolved.

        Flows and commands raise and resolve the alerts about missing, quarantined and failed files; those
        that no check has returned yet are included.
        """
        began, states = time.monotonic(), await self.monitor.states()
        found: dict[str, Mapping[str, str] | None] = {
            "block_down": _blocks(states),
            "ssd_full": await asyncio.to_thread(self._ssd),
            "flow_failed": await self._flows(),
            "damage": await self._damage(),
        }
        async with transaction(self.context.resources, self.context.bus) as work:
            lease = dt.timedelta(seconds=CHECKS_MISSED * EVERY + _CHECK)
            rate = self._error_rate()
            changed = await work.run(alerts.settle_own, "error_rate", _this_process(), rate, lease)
            age = dt.timedelta(seconds=time.monotonic() - min(began, states.began))
            for kind, wrong in found.items():
                if wrong is not None:
                    changed += await work.run(alerts.settle, kind, wrong, age)
            return changed + await work.run(alerts.take_unreported, file_alerts.KINDS)

    def _error_rate(self) -> str | None:
        rate = self.context.metrics.error_rate
        if rate.value() <= ERROR_RATE or rate.responses() < _LEAST:
            return None
        return f"{rate.value():.0%} of the responses in the last five minutes were server errors (5xx): see the log"

    def _ssd(self) -> Mapping[str, str] | None:
        folder = self.context.settings.cache_folder
        try:
            disk = shutil.disk_usage(folder)
        except OSError:
            # Nothing has been copied yet; otherwise the flow reports the problem.
            return {}
        full = 1 - disk.free / disk.total
        return (
            {str(folder): f"the disk of {folder} is {full:.0%} full: make room, or lower WSOPTV_CACHE_BYTES"}
            if full > SSD_FULL
            else {}
        )

    async def _damage(self) -> Mapping[str, str]:
        """Return the files that `verify-fixity` found to be damaged."""
        query = (
            select(MediaFile.path_text, FindingRow.message)
            .join(MediaFile, MediaFile.id == FindingRow.media_file_id)
            .where(FindingRow.rule.in_(DAMAGE), FindingRow.resolved_at.is_(None))
            .order_by(FindingRow.first_seen_at)
            .limit(_MOST_DAMAGED)
        )
        async with AsyncSession(self.context.resources.engine) as session:
            rows = (await session.execute(query)).tuples()
            return {path: f"{path}: {message}" for path, message in rows}

    async def _flows(self) -> Mapping[str, str] | None:
        """Return the flows whose last run failed, or None if Prefect is unavailable."""
        try:
            failed = await self.context.registry.ask(FAILED_FLOWS, Nothing())
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
    """Return a unique name for this process.

    The random part distinguishes it from an earlier process with the same id, and from a process in another
    container with the same host name.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


@asynccontextmanager
async def run_alert_checks(checks: AlertChecks) -> AsyncIterator[None]:
    """Check for alerts in the background while the context is open."""
    async with httpx.AsyncClient(timeout=_PATIENCE, verify=certificates()) as client:
        task = asyncio.create_task(_check_regularly(checks, client))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _check_regularly(checks: AlertChecks, client: httpx.AsyncClient) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            for alert in await checks.check():
                await _notify(alert, checks.context.settings.alert_webhook, client)
        except Exception as error:  # noqa: BLE001 - the next check may succeed
            _log.warning("alert check failed: %s", str(error).partition("\n")[0])


async def _notify(alert: Alert, webhook: str | None, client: httpx.AsyncClient) -> None:
    state = "raised" if alert.resolved_at is None else "resolved"
    _log.warning("alert %s: %s: %s", state, alert.kind, alert.message)
    if webhook is None:
        return
    body = {"state": state, "kind": alert.kind, "subject": alert.subject, "message": alert.message}
    text = f"WSOPTV: {alert.message}" if state == "raised" else f"WSOPTV, resolved: {alert.message}"
    for _ in range(_TRIES):
        with suppress(httpx.HTTPError):
            response = await client.post(
                webhook, json={**body, "at": alert.raised_at.isoformat(), "text": text}
            )
            if response.is_success:
                return
        await asyncio.sleep(1)
    _log.warning(
        "webhook failed %d times, alert %s was not sent: check WSOPTV_ALERT_WEBHOOK", _TRIES, alert.kind
    )
