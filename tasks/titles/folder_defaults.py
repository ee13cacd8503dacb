"""Fill the fields that a file name leaves open from the names of its folders; the file name wins."""

from __future__ import annotations

from tasks.titles.draft import Draft, Reading
from tasks.titles.vocabulary.series import WSOP

_ALWAYS = ("year", "variant", "content_type", "season")
_EVENT = ("event_name", "event_type", "game", "buy_in", "currency")
_PARTS = ("Part", "Session", "Hour")
# Longer than any name, so that the words of the name come after those of the folders.
_BEHIND = 1000


def fill(draft: Draft, folder: Draft) -> None:
    """Fill the open fields of a file name's draft from a folder's draft."""
    if folder.series is not None and (draft.series is None or _is_nearer(draft, folder)):
        draft.series = folder.series
    draft.place = draft.place or folder.place
    _take(draft, folder, *_ALWAYS)
    if folder.fields.keys() & _EVENTS:
        _fill_event(draft, folder)
    if folder.when and "stage" not in draft.fields and "day" not in draft.fields:
        said = [(place, words) for place, words in folder.when if not words.startswith(_PARTS)]
        draft.when = [*said, *((place + _BEHIND, words) for place, words in draft.when)]
        _take(draft, folder, "stage", "day")


_EVENTS = {"event_number", *_EVENT}


def _is_nearer(draft: Draft, folder: Draft) -> bool:
    """Return whether the folder names the series more precisely: a plain `WSOP` leaves it open."""
    return draft.series is WSOP and folder.series is not WSOP


def _fill_event(draft: Draft, folder: Draft) -> None:
    number, said = draft.fields.get("event_number"), folder.fields.get("event_number")
    if number is not None and said is not None and number != said:
        # The file is next to its event's folder.
        return
    if not draft.event:
        draft.event, draft.buy_in = folder.event, draft.buy_in or folder.buy_in
        _take(draft, folder, "event_number", *_EVENT)
    elif draft.fields.get("event_type") == folder.fields.get("event_type", draft.fields.get("event_type")):
        _take(draft, folder, "event_number")
        if "buy_in" not in draft.fields and said is not None:
            draft.buy_in = folder.buy_in
            _take(draft, folder, "buy_in", "currency")


def _take(draft: Draft, folder: Draft, *names: str) -> None:
    said = folder.fields
    new = {name: said[name] for name in names if name in said and name not in draft.fields}
    if new:
        draft.fields.update(new)
        if draft.readings is not None:
            draft.readings.append(Reading("folder", folder.name, new))
