"""The steps that remove sign-ins and playback sessions. Views, progress and the audit log stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog_models.values import format_count
from catalog_models.writes import login_sessions, playback_sessions
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.upkeep.statistics import DaysSummedUp

KEPT = dt.timedelta(days=30)
"""How long sign-ins and playback sessions are kept after their end."""

_STAGE = "expiry"


@dataclass(frozen=True, kw_only=True)
class SignInsForgotten(StepResult):
    """`count` sign-ins were removed."""

    count: int


@step("forget-sign-ins", _STAGE, tag="cpu")
def forget_sign_ins(context: JobContext, _summed: DaysSummedUp) -> SignInsForgotten:
    """Remove the sign-ins that ended more than 30 days ago."""
    count = context.transactions.in_session(login_sessions.delete_old, KEPT)
    return SignInsForgotten(count=count, did=f"{format_count(count, 'sign-in')} forgotten")


@dataclass(frozen=True, kw_only=True)
class PlaybackSessionsForgotten(StepResult):
    """`count` playback sessions were removed."""

    count: int


@step("forget-playback-sessions", _STAGE, tag="cpu")
def forget_playback_sessions(context: JobContext, _forgotten: SignInsForgotten) -> PlaybackSessionsForgotten:
    """Remove the playback sessions that ended more than 30 days ago. Their days must be summed up before."""
    count = context.transactions.in_session(playback_sessions.delete_old, KEPT)
    return PlaybackSessionsForgotten(count=count, did=f"{format_count(count, 'playback session')} forgotten")
