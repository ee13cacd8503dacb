"""Players and their spelling, and the words of sentences: `players.toml` and `sentences.toml`."""

from __future__ import annotations

from tasks.titles.vocabulary.loading import load

_FILE = load("players.toml")
_FILE.check_keys("names", "common", "first", "nicknames", "spellings", "phrases")
NAMES = (*_FILE.texts("names"), *_FILE.texts("nicknames"))
"""Known players, by their full names or nicknames."""

COMMON = frozenset(name.lower() for name in _FILE.texts("common"))
"""Family names that do not identify a player without a first name."""

FIRST_NAMES = frozenset(name.lower() for name in _FILE.texts("first"))
"""First names that an unknown player may have."""

SPELLINGS = {name.lower(): right for name, right in _FILE.pairs("spellings").items()}
"""The spelling of words in titles, which corrects typing errors of the archive."""

PHRASES = tuple((phrase.lower(), right) for phrase, right in _FILE.pairs("phrases").items())
"""Phrases, which are replaced anywhere in a title."""

_SENTENCES = load("sentences.toml")
_SENTENCES.check_keys("verbs", "between", "no_players", "in_places")
VERBS = frozenset(word.lower() for word in _SENTENCES.texts("verbs"))
BETWEEN = _SENTENCES.texts("between")
NO_PLAYERS = frozenset(word.lower() for word in _SENTENCES.texts("no_players"))
NO_PLACES = (NO_PLAYERS | VERBS) - frozenset(word.lower() for word in _SENTENCES.texts("in_places"))
