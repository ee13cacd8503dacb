"""Events and games: their spellings and official names, from `events.toml`.

The first matching entry wins. Words without an entry stay as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from tasks.titles.vocabulary.loading import Entry, load, pattern_of

MAIN, OTHER = "main_event", "other"
GAMES = ("NLHE", "PLO", "PLO8", "LHE", "O8", "RAZZ", "STUD", "2-7", "MIXED")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of events or games: `pattern` (a regular expression) finds it, `official` replaces it.

    `game` is the game that it names, `kind` the type of an event that is not a bracelet event. `serial`:
    several broadcasts have exactly this name, and only their inventory numbers differ. `short` is its short
    name in the titles of some brands. Among codes, `codes` also mean it.
    """

    official: str
    pattern: str
    game: str | None = None
    kind: str | None = None
    serial: bool = False
    short: str | None = None
    codes: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()


def read_words(file: Entry) -> tuple[Word, ...]:
    """Return the words of a file, in its order."""
    file.check_keys("word")
    return tuple(_word(entry) for entry in file.entries("word", "name"))


def _word(entry: Entry) -> Word:
    entry.check_keys("name", "spellings", "codes", "short", "game", "kind", "serial")
    name, game, kind = entry.text("name"), entry.optional("game"), entry.optional("kind")
    if game is not None and game not in GAMES:
        raise entry.error(f"game = {game!r}: one of {', '.join(GAMES)} is wanted")
    if kind not in (None, MAIN, OTHER):
        raise entry.error(f"kind = {kind!r}: {MAIN} or {OTHER} is wanted")
    spellings = sorted({name, *entry.texts("spellings")}, key=len, reverse=True)
    return Word(
        name,
        "|".join(pattern_of(spelling) for spelling in spellings),
        game,
        kind,
        entry.flag("serial"),
        entry.optional("short"),
        entry.texts("codes"),
        entry.texts("spellings"),
    )


WORDS = read_words(load("events.toml"))

CODES = {code.upper(): word.official for word in WORDS for code in word.codes}
"""Codes before an episode's number (`ME02`) or among codes (`-me-`); not words of free text."""
