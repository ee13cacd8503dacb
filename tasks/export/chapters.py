"""Hands as WebVTT chapters (W3C, "WebVTT: The Web Video Text Tracks Format", §4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def chapters(hands: Iterable[Mapping[str, Any]]) -> str:
    """Return one cue for each hand, in order of time.

    Its text is the hand's title, or its number and players.
    """
    cues = [
        f"{hand['hand_index']}\n{_time(hand['start_seconds'])} --> {_time(hand['end_seconds'])}\n{_text(hand)}\n"
        for hand in sorted(hands, key=lambda hand: (hand["start_seconds"], hand["hand_index"]))
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _text(hand: Mapping[str, Any]) -> str:
    players = " – ".join(hand["players"] or ())
    said = hand["title"] or f"Hand {hand['hand_index']}" + (f": {players}" if players else "")
    # `-->` would begin a cue.
    for character, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        said = said.replace(character, name)
    return " ".join(said.split())
