"""Fields and confidence that follow from the other fields."""

from __future__ import annotations

from tasks.titles.dates import date_of_year
from tasks.titles.draft import Draft
from tasks.titles.vocabulary.series import OTHER, SOMEWHERE, WSOP

# The highest confidence if a name identifies no programme: a moderator should check it.
GUESS = 0.45
# Digits of an inventory number, enough to distinguish the tapes of one event.
_TAPE = 4
# The last year of edited shows; later days were broadcast as a whole.
_LAST_SHOWS = 2016


def derive_fields(draft: Draft) -> None:
    """Fill the fields that follow from others: brand, date, type of event, type of content."""
    fields = draft.fields
    _settle_series(draft)
    date = fields.get("date")
    if date and date.startswith("-"):
        fields["date"] = date_of_year(date, fields.get("year"))
    _settle_event_type(draft)
    if draft.is_serial and draft.inventory and not draft.when and "episode" not in fields:
        draft.counter = f"Tape {draft.inventory[-_TAPE:]}"
    if "content_type" not in fields:
        fields["content_type"] = _content_type(draft)


def _settle_series(draft: Draft) -> None:
    draft.series = series = draft.series or OTHER
    if (draft.fields.get("year") or series.since) < series.since:
        draft.doubt(GUESS)
        if series.brand == WSOP.brand:
            draft.series = series = SOMEWHERE
    draft.fields["brand"], draft.fields["region"] = series.brand, series.region


def _settle_event_type(draft: Draft) -> None:
    """Set the type of a numbered event: `bracelet` only at a series of the WSOP that awards bracelets."""
    fields, series = draft.fields, draft.series or OTHER
    if fields.get("event_number") is not None and fields.get("event_type") is None:
        fields["event_type"] = "bracelet"
    awards = series.brand == WSOP.brand and series.region not in ("circuit", "super_circuit")
    if fields.get("event_type") == "bracelet" and not awards:
        fields["event_type"] = "other"


def _content_type(draft: Draft) -> str | None:
    fields = draft.fields
    year = fields.get("year") or _LAST_SHOWS + 1
    if "episode" in fields:
        return "episode"
    counted = any(fields.get(name) is not None for name in ("day", "stage", "event_number"))
    if draft.series is OTHER and not counted:
        return None
    return "episode" if year <= _LAST_SHOWS else "stream"


def confidence_of(draft: Draft, highest: float, *, is_identified: bool) -> float:
    """Return the confidence, at most `highest`, the confidence of the rule that read the name."""
    if draft.machine:
        return GUESS
    highest = min(highest, draft.sure)
    if draft.series is OTHER or not is_identified:
        return min(highest, GUESS if draft.number is None else 0.7)
    if draft.series is SOMEWHERE:
        return GUESS
    if draft.series is WSOP and "year" not in draft.fields:
        return min(highest, 0.6)
    return min(highest, 0.8) if draft.plain else highest
