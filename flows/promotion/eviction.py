"""The step `evict-copies`: remove copies from the SSD to make room."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from catalog_models.values import format_bytes, format_count
from catalog_models.writes import cached_files
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from flows.promotion.reservations import free_room
from tasks.promotion.policy import Decision


@dataclass(frozen=True)
class Eviction:
    """Copies to evict together: for the file `room_for` of the title `name`, or to stay within the budget."""

    copies: tuple[Decision, ...]
    room_for: uuid.UUID | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        return f"{format_count(len(self.copies), 'copy', 'copies')} {self.why}"

    @property
    def why(self) -> str:
        """Return why the room is needed."""
        return f"for {self.name}" if self.name else "to stay within the budget"


@dataclass(frozen=True, kw_only=True)
class CopiesEvicted(StepResult):
    """The copies that were evicted, without those that are played now or could not be removed."""

    evicted: tuple[Decision, ...]


@step("evict-copies", "evict", tag="ssd")
def evict_copies(context: JobContext, eviction: Eviction) -> CopiesEvicted:
    """Stop sending players to these copies, remove them, and free their room."""
    evicted = tuple(copy for copy in eviction.copies if _evict(context, copy.id))
    stayed = len(eviction.copies) - len(evicted)
    freed = format_bytes(sum(copy.size for copy in evicted))
    return CopiesEvicted(
        evicted=evicted,
        did=f"{format_count(len(evicted), 'copy', 'copies')} ({freed}) {eviction.why}",
        problems=f"{stayed:,} kept: being played, or not removable" if stayed else "",
    )


def _evict(context: JobContext, copy_id: uuid.UUID) -> bool:
    """Return whether the copy was evicted.

    A copy that a viewer has begun to play since the plan was made stays.
    """
    is_leaving = context.transactions.in_session(cached_files.start_eviction, copy_id)
    return is_leaving and free_room(context, copy_id)
