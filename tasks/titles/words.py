"""Read words and codes in names and folders: first by the rules, then the event, then the subject."""

from __future__ import annotations

import re

from tasks.titles.draft import Draft
from tasks.titles.lone_numbers import take_lone_numbers
from tasks.titles.places import take_place
from tasks.titles.players import acting_in, known_in, read_duel
from tasks.titles.remaining_text import BREAK, TAKEN, remaining, take
from tasks.titles.sentences import read_listed_players, read_players, read_subject
from tasks.titles.spelling import Spelled, cased, spell, spell_beginning, spelled_people, take_event
from tasks.titles.vocabulary.events import CODES
from tasks.titles.vocabulary.people import VERBS
from tasks.titles.vocabulary.series import CODES as SERIES_CODES
from tasks.titles.vocabulary.series import series_named
from tasks.titles.word_rules import RULES

_GLUED_NUMBER = re.compile(r"(?<=[a-z])1\Z")


def read_words(text: str, draft: Draft) -> None:
    """Read a text into the draft: by the rules, then the event at the front and the subject at the end."""
    if draft.slug:
        text = _separated(text)
    text = (_ANY_CODE if draft.coded else _CAPITAL_CODE).sub(_written_out, text)
    read_listed_players(text, draft)
    if draft.coded and (found := _CLIP.search(text)):
        draft.clip = True
        text = take(text, *found.span(), BREAK)
    text = _apply_rules(text, draft)
    if draft.coded:
        text = take_lone_numbers(text, draft)
    front, _, behind = text.partition(BREAK)
    front, behind = remaining(front), remaining(behind)
    if behind and (draft.coded or not front) and _may_be_event(behind, front, draft):
        front, behind = f"{front} {behind}".strip(), ""
    read_event(front, draft)
    read_subject(behind, draft)


def _apply_rules(text: str, draft: Draft) -> str:
    """Apply the rules, and return the text without the parts that they read."""
    low = text.lower()
    if len(low) != len(text):
        # İ has two characters in lower case.
        text = low
    has_digits = _DIGIT.search(low) is not None
    for rule in RULES:
        if (rule.counts and not has_digits) or (rule.hints and not any(hint in low for hint in rule.hints)):
            continue
        found = rule.pattern.search(low)
        draft.source = text
        while found is not None and rule.read(draft, found) is not False:
            placeholder = BREAK if rule.ends_event else TAKEN
            text = draft.source = take(text, *found.span(), placeholder)
            low = take(low, *found.span(), placeholder)
            found = rule.pattern.search(low) if rule.repeats else None
        if rule.name == "series":
            text = take_place(text, draft)
            low = text.lower()
    return text


_DIGIT = re.compile(r"\d")


def _separated(text: str) -> str:
    """Return the words of a name without spaces: `ept-2031`, `WSOP31ME_D2`, `WSOP2031MainEventDay5`."""
    if "-" in text:
        text = _HYPHEN.sub(" ", text)
    if " " not in text:
        text = _CAMEL.sub(" ", text)
    return _GLUED.sub(_split_series, text)


def _split_series(found: re.Match[str]) -> str:
    letters = found["letters"]
    is_series = letters.upper() in SERIES_CODES or series_named(letters) is not None
    return f"{found.group()} " if is_series else found.group()


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z0-9])")
_GLUED = re.compile(r"(?<![A-Za-z0-9])(?P<letters>[A-Za-z]{2,6})(?:(?:19|20)\d\d|\d\d)(?=[A-Za-z])")


def _written_out(found: re.Match[str]) -> str:
    return CODES[found.group().lstrip("#").upper()].replace(" ", ".")


def _may_be_event(behind: str, front: str, draft: Draft) -> bool:
    """Return whether words after a day belong to the event: all are known, or none is before its number."""
    if _is_event(behind):
        return True
    return not front and not draft.clip and "event_number" in draft.fields and bool(spell(behind).known)


def _is_event(text: str) -> bool:
    """Return whether the vocabulary has all words of a text."""
    spelled = spell(text)
    return bool(spelled.known) and len(spelled.text) == len(" ".join(word.official for word in spelled.known))


_HYPHEN = re.compile(r"(?<!\b2)-|-(?!7(?!\d))")
_CLIP = re.compile(r"(?<![A-Za-z0-9])hs(?![A-Za-z0-9])", re.IGNORECASE)
# HU is also a stage, and NC also a cut.
_CODE_WORDS = [code for code in CODES if code not in ("HU", "NC")]
_ANY_CODE, _CAPITAL_CODE = (
    re.compile(
        rf"(?<![A-Za-z0-9])#?(?:{'|'.join(sorted(_CODE_WORDS, key=len, reverse=True))})(?![A-Za-z0-9])", flags
    )
    for flags in (re.IGNORECASE, 0)
)


def read_event(text: str, draft: Draft) -> None:
    """Record the words of an event; keep other words as they are."""
    if not text:
        return
    spelled = spell(text)
    if draft.slug and draft.series is None and "episode" in draft.fields and not _is_event(text):
        # The name of an unknown show.
        draft.plain = draft.plain or cased(text)
        return
    rest = spell_beginning(text).rest
    if _is_sentence(spelled, draft) or _is_action(rest, draft):
        draft.subject = draft.subject or rest or text
        read_players(draft.subject, draft)
        text, spelled = "", spell(" ".join(word.official for word in spelled.known))
    if not spelled.known and "event_number" in draft.fields and known_in(text, draft.known, clip=draft.clip):
        read_subject(text, draft)
        return
    if not spelled.known and "event_number" not in draft.fields:
        if read_duel(text) and _COUNTED & draft.fields.keys():
            draft.subject = draft.subject or text
            read_players(text, draft)
            return
        draft.plain = draft.plain or _GLUED_NUMBER.sub(
            "", "" if text.lower() == "show" else _plain(text, draft)
        )
        read_players(text, draft)
        return
    take_event(spelled, text, draft)


_COUNTED = {"day", "stage", "episode"}


def _plain(text: str, draft: Draft) -> str:
    """Return words outside the event in the form of titles, with title case if the name lacks case."""
    return cased(text) if draft.slug or text.isupper() else spelled_people(text, ())


def _is_sentence(spelled: Spelled, draft: Draft) -> bool:
    """Return whether words are a sentence that mentions an event: `Ann Ash wins Main Event`.

    The name of an event has a number or a buy-in.
    """
    if "event_number" in draft.fields or "buy_in" in draft.fields or not spelled.known:
        return False
    own = sum(len(word.official.split()) for word in spelled.known)
    return len(spelled.text.split()) - own >= _SENTENCE


def _is_action(text: str, draft: Draft) -> bool:
    """Return whether the words after an event describe an action of a player: `Main Event Tamayo wins`."""
    words = text.lower().split()
    return (
        len(words) > 1
        and not VERBS.isdisjoint(words)
        and bool(known_in(text, draft.known, clip=False) or acting_in(text, draft.known, clip=draft.slug))
    )


# The fewest words of a sentence that the vocabulary lacks.
_SENTENCE = 3


def read_slug(text: str, draft: Draft) -> None:
    """Read the slug of a clip, such as `25k-nlh-hr-ft-deeb-82-vs-li-54`.

    Without a stage or day, the event ends at the first word that the vocabulary lacks.
    """
    draft.clip = True
    text = _CODE.sub(lambda found: CODES[found.group().upper()], _SLUG_HYPHEN.sub(" ", text))
    if found := _LEADING.match(text):
        draft.buy_in = found[1]
        draft.record("buy-in", found[1], buy_in=int(found[1]))
        text = text[found.end() :]
    if not _WHEN.search(text):
        spelled = spell_beginning(_BUY_IN_FIRST.sub("", text))
        if spelled.rest:
            text = text.replace(spelled.rest, BREAK + spelled.rest, 1)
    read_words(_HAND.sub(BREAK, text), draft)


_SLUG_HYPHEN = re.compile(r"-(?!\d)|(?<!\d)-")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?:me|ppc)(?![A-Za-z0-9])", re.IGNORECASE)
_HAND = re.compile(r"(?<![A-Za-z0-9])hs(?![A-Za-z0-9])")
_WHEN = re.compile(r"(?<![A-Za-z])(?:ft|hs|day ?\d)", re.IGNORECASE)
_LEADING = re.compile(r"(\d{3,5})\s")
_BUY_IN_FIRST = re.compile(r"\A\d[\d.]*k?\s+", re.IGNORECASE)
