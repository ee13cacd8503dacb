"""Compose a title: `{Series} {Year} {Event} – {Stage, Day, Part or Episode}: {subject}`."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.titles.draft import Draft
from tasks.titles.spelling import cased, person, spelled_people
from tasks.titles.vocabulary.series import OTHER, PLACED

LONGEST, LONGEST_SHORT = 300, 50
_DASH = " – "


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of a title; empty where the path has none."""

    series: str
    event: str
    when: str
    subject: str


def words_of(draft: Draft) -> Words:
    """Return the parts of this draft's title."""
    return Words(_series(draft), _event(draft), _when(draft), _subject(draft))


def display_title(draft: Draft, words: Words) -> str:
    """Return the title for viewers; for an unknown series, the name as it is."""
    if draft.series is OTHER and draft.text:
        return _cut(spelled_people(draft.text, ()), LONGEST)
    return _cut(_finished(_joined(words.series, words.event, draft.plain), words), LONGEST)


def short_title(draft: Draft, words: Words, whole: str) -> str:
    """Return at most 50 characters for a card: the event and its day, in as many words as fit."""
    about = _joined(words.event, draft.plain)
    if not about or draft.series is OTHER:
        return (
            whole
            if len(whole) <= LONGEST_SHORT
            else _cut((draft.series is not OTHER and words.when) or whole, LONGEST_SHORT)
        )
    short = _finished(about, words)
    if len(short) <= LONGEST_SHORT:
        return short
    wanted = (about, _joined(draft.buy_in, draft.event, draft.plain), draft.event or draft.plain)
    for name in wanted:
        short = _with_when(name, words.when) or whole
        if len(short) <= LONGEST_SHORT:
            return short
    room = LONGEST_SHORT - len(_DASH) - len(words.when)
    # The day identifies more than the end of a long name.
    if words.when and room >= _ROOM:
        return _with_when(_cut(wanted[-1], room), words.when)
    return _cut(short, LONGEST_SHORT)


# The fewest characters of a name that are useful.
_ROOM = 12


def _finished(about: str, words: Words) -> str:
    named = _with_when(about, words.when)
    if not words.subject:
        return named or "Untitled"
    if not named:
        return words.subject
    if words.subject.startswith("with "):
        return f"{named} {words.subject}"
    return f"{named}{': ' if words.when else _DASH}{words.subject}"


def _with_when(about: str, when: str) -> str:
    return f"{about}{_DASH}{when}" if about and when else about or when


def _series(draft: Draft) -> str:
    series = draft.series
    if series is None:
        return ""
    place = (draft.place or series.place) if series.region in PLACED or series.brand == "MPP" else None
    return _joined(series.label, place, draft.fields.get("year"))


def _event(draft: Draft) -> str:
    number = draft.fields.get("event_number")
    if draft.fields.get("event_type") is None and not draft.event and number is None:
        return draft.buy_in
    return _joined(f"Event #{number}" if number is not None else "", draft.buy_in, draft.event)


def _when(draft: Draft) -> str:
    fields = draft.fields
    season, episode = fields.get("season"), fields.get("episode")
    return _joined(
        f"Season {season}" if season is not None else "",
        f"Episode {episode}" if episode is not None else "",
        *(words for _place, words in sorted(draft.when)),
        draft.counter,
    )


def _subject(draft: Draft) -> str:
    if not draft.subject:
        return ""
    players, hands = draft.fields.get("players"), draft.fields.get("hands")
    if players and len(players) == 2 and hands and all(hands) and len(draft.subject.split()) == 5:
        return " vs ".join(person(name) for name in players)
    subject = (
        cased(draft.subject) if draft.subject.isupper() else spelled_people(draft.subject, players or ())
    )
    subject = subject.replace(" Vs ", " vs ")
    return subject if subject.startswith("with ") else subject[:1].upper() + subject[1:]


def _joined(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip(" –-:") + "…"
