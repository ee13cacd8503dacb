"""Read free words in names and folders: the parts that rules find, then the event, then what happens."""

from __future__ import annotations

import re

from tasks.titles.draft import Draft
from tasks.titles.players import read_duel, read_list
from tasks.titles.spelling import Spelled, spell, spell_beginning, spelled_people
from tasks.titles.vocabulary.events import CODES, MAIN, OTHER
from tasks.titles.word_rules import BREAK, RULES, TAKEN, left

_GLUED_NUMBER = re.compile(r"(?<=[a-z])\d\Z")


def read_words(text: str, draft: Draft) -> None:
    """Read a text into the draft: the parts that rules find, then the event, then what happens."""
    low = text.lower()
    for rule in RULES:
        if rule.hints and not any(hint in low for hint in rule.hints):
            continue
        found = rule.pattern.search(text)
        if found is not None and rule.read(draft, found) is not False:
            mark = BREAK if rule.ends_event else TAKEN
            text = text[: found.start()] + mark * (found.end() - found.start()) + text[found.end() :]
    front, _, behind = text.partition(BREAK)
    read_event(left(front), draft)
    read_subject(left(behind), draft)


def read_event(text: str, draft: Draft) -> None:
    """Read the words of an event; other words are kept as they are."""
    if not text:
        return
    spelled = spell(text)
    if _is_sentence(spelled, draft):
        draft.subject = draft.subject or _without(text, spelled.known[0].official)
        text, spelled = "", spell(" ".join(word.official for word in spelled.known))
    if not spelled.known and "event_number" not in draft.fields:
        draft.plain = draft.plain or _GLUED_NUMBER.sub(
            "", "" if text.lower() == "show" else spelled_people(text, ())
        )
        return
    _take_event(text, spelled, draft)


def _is_sentence(spelled: Spelled, draft: Draft) -> bool:
    """Return whether words are a sentence about an event, not its name.

    Official names have a number or a buy-in.
    """
    if "event_number" in draft.fields or "buy_in" in draft.fields or not spelled.known:
        return False
    own = sum(len(word.official.split()) for word in spelled.known)
    return len(spelled.text.split()) - own >= _SENTENCE


def _without(text: str, beginning: str) -> str:
    return text[len(beginning) :].strip() if text.lower().startswith(beginning.lower()) else text


# Words that are not in the vocabulary.
_SENTENCE = 3


def read_slug(text: str, draft: Draft) -> None:
    """Read `25k-nlh-hr-ft-deeb-82-vs-li-54` as `read_words` does.

    Without a stage, the vocabulary ends the event's words.
    """
    text = _CODE.sub(lambda found: CODES[found.group().upper()], _HYPHEN.sub(" ", text))
    if found := _LEADING.match(text):
        draft.buy_in = found[1]
        draft.record("buy-in", found[1], buy_in=int(found[1]))
        text = text[found.end() :]
    # Everything before a stage or a day is the event's.
    if not _WHEN.search(text):
        spelled = spell_beginning(_BUY_IN_FIRST.sub("", text))
        if spelled.rest:
            text = text.replace(spelled.rest, BREAK + spelled.rest, 1)
    read_words(_HAND.sub(BREAK, text), draft)


_PRIZE = re.compile(r"\s+\d[\d.,]*[KM]\Z")
_HYPHEN = re.compile(r"-(?!\d)|(?<!\d)-")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?:me|ppc)(?![A-Za-z0-9])", re.IGNORECASE)
_HAND = re.compile(r"(?<![A-Za-z0-9])hs(?![A-Za-z0-9])")
_WHEN = re.compile(r"(?<![A-Za-z])(?:ft|hs|day ?\d)", re.IGNORECASE)
_LEADING = re.compile(r"(\d{3,5})\s")
_BUY_IN_FIRST = re.compile(r"\A\d[\d.]*k?\s+", re.IGNORECASE)


def _take_event(text: str, spelled: Spelled, draft: Draft) -> None:
    if draft.event:
        return
    name = _PRIZE.sub("", spelled.text)
    draft.event = spelled.text
    draft.is_serial = any(word.serial for word in spelled.known)
    games = dict.fromkeys(word.game for word in spelled.known if word.game)
    game = {"game": next(iter(games)) if len(games) == 1 else "MIXED"} if games else {}
    kinds = {word.kind for word in spelled.known}
    kind = MAIN if MAIN in kinds else OTHER if OTHER in kinds else "bracelet"
    draft.record("event", text or spelled.text, event_name=name, event_type=kind, **game)


def read_subject(text: str, draft: Draft) -> None:
    """Read what happens, and the players in it."""
    if not text or draft.subject:
        return
    draft.subject = text
    if players := read_list(text):
        draft.record("players", text, players=players)
    elif table := read_duel(text):
        hands = {"hands": table.hands} if table.hands else {}
        draft.record("players", text, players=table.players, **hands)
