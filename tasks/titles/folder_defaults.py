"""Fill the fields that a file name leaves open from the names of its folders; the file name wins."""

from __future__ import annotations

from tasks.titles.draft import Draft, Reading
from tasks.titles.vocabulary.series import WSOP

_ALWAYS = ("year", "variant", "content_type", "season")
_EVENT = ("event_name", "event_type", "game", "buy_in", "currency")
_WHEN = ("stage", "day")
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
    if folder.when:
        _fill_when(draft, folder)


def _fill_when(draft: Draft, folder: Draft) -> None:
    """Take the stage or the day that the name lacks. A folder of another day or stage is ignored."""
    said, folders = draft.fields, folder.fields
    for name in _WHEN:
        if name in said and name in folders and said[name] != folders[name]:
            return
    wanted = [name for name in _WHEN if name not in said and name in folders]
    if not wanted:
        return
    words = [(place, text) for place, text in folder.when if _tells(text) in wanted]
    draft.when = [*words, *((place + _BEHIND, text) for place, text in draft.when)]
    _take(draft, folder, *wanted)


def _tells(words: str) -> str:
    return "day" if words.startswith("Day ") else "" if words.startswith(_PARTS) else "stage"


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
        draft.event, draft.short_event = folder.event, folder.short_event
        draft.buy_in = draft.buy_in or folder.buy_in
        _take(draft, folder, "event_number", *_EVENT)
    elif draft.fields.get("event_type") == folder.fields.get("event_type", draft.fields.get("event_type")):
        _take(draft, folder, "event_number")
        if "buy_in" not in draft.fields and said is not None:
            draft.buy_in = folder.buy_in
            _take(draft, folder, "buy_in", "currency")


def _take(draft: Draft, folder: Draft, *names: str) -> None:
    said, fields = folder.fields, draft.fields
    for name in names:
        if name in said and name not in fields:
            fields[name] = said[name]
            if draft.readings is not None:
                draft.readings.append(Reading("folder", folder.name, {name: said[name]}))
