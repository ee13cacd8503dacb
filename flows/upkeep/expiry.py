"""What is over for long is forgotten: sign-ins and playback sessions. Views, progress and the audit log stay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog_models.writes import login_sessions, playback_sessions
from flows.upkeep.statistics import sum_up
from orchestration.transactions import Transactions

KEPT = dt.timedelta(days=30)
"""How long what is over can still be looked at: who was signed in where, what was played how."""


@dataclass(frozen=True)
class Expired:
    """How many were forgotten."""

    sign_ins: int
    playback_sessions: int


def expire(transactions: Transactions) -> Expired:
    """Forget what ended, or ran out, longer ago than `KEPT`; its days are summed up before, once more the last one that was."""
    sum_up(transactions)
    sign_ins = transactions.run(lambda work: login_sessions.forget(work.session, KEPT))
    played = transactions.run(lambda work: playback_sessions.forget(work.session, KEPT))
    return Expired(sign_ins, played)
