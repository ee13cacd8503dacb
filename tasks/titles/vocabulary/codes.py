"""Single words that are codes: of events, stages, series and places."""

from __future__ import annotations

from tasks.titles.vocabulary.counting import ALL_STAGES
from tasks.titles.vocabulary.events import CODES as EVENT_CODES
from tasks.titles.vocabulary.events import WORDS
from tasks.titles.vocabulary.series import EVERY, NAMES

_STAGES = (code for stage in ALL_STAGES for code in stage.codes)
_PLACES = (code for series in EVERY for _name, codes in series.places for code in codes if " " not in code)
_GAMES = (spelling for word in WORDS for spelling in (word.official, *word.spellings) if " " not in spelling)

CODE_WORDS = frozenset(
    word.lower() for word in (*EVENT_CODES, *_STAGES, *_PLACES, *_GAMES, *NAMES, "hs", "2", "7")
)
"""In lower case. If a name has only such words, any letters in it may be a code."""
