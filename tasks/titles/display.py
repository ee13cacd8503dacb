"""Compose a title: `{Series} {Year} {Event} – {Stage, Day, Part or Episode}: {subject}`."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.titles.draft import Draft
from tasks.titles.spelling import cased, person, spelled_people
from tasks.titles.vocabulary.series import OTHER

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
    if draft.series is OTHER and draft.text and not _counts(draft):
        return _cut(_as_named(draft), LONGEST)
    about: tuple[object, ...] = (words.series, words.event, draft.plain)
    if draft.series is OTHER:
        about = (draft.plain, words.event, draft.fields.get("year"))
    return _cut(_finished(_joined(*about), words), LONGEST)


def _counts(draft: Draft) -> bool:
    """Return whether a name without a known series has an episode or a hand."""
    return any(draft.fields.get(name) is not None for name in ("season", "episode", "hand_number"))


def _as_named(draft: Draft) -> str:
    """Return a name with little information as it is.

    The name of a machine gets its folder; a slug, or a name in capitals, gets the case of titles.
    """
    if draft.machine:
        return _joined(draft.folder, "–" if draft.folder else "", draft.text)
    text = draft.text.replace("-", " ") if draft.slug else draft.text
    is_slug = draft.slug and " " in text
    return cased(text) if is_slug or text.isupper() else spelled_people(text, ())


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
    if series is OTHER:
        return ""
    return _joined(series.label, draft.place or series.place, draft.fields.get("year"))


def _event(draft: Draft) -> str:
    number = draft.fields.get("event_number")
    if draft.fields.get("event_type") is None and not draft.event and number is None:
        return draft.buy_in
    event = draft.short_event if draft.series is not None and draft.series.short_games else draft.event
    return _joined(f"Event #{number}" if number is not None else "", draft.buy_in, event)


def _when(draft: Draft) -> str:
    fields = draft.fields
    season, episode = fields.get("season"), fields.get("episode")
    return _joined(
        f"{draft.series.season if draft.series else 'Season'} {season}" if season is not None else "",
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
    if draft.machine:
        return draft.subject
    subject = (
        cased(draft.subject) if draft.subject.isupper() else spelled_people(draft.subject, players or ())
    )
    subject = subject.replace(" Vs ", " vs ")
    if players and len(players) == 2:
        subject = subject.replace(" v ", " vs ").replace(" V ", " vs ")
    return subject if subject.startswith("with ") else subject[:1].upper() + subject[1:]


def _joined(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip(" –-:") + "…"
