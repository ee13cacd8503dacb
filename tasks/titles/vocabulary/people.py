"""Spellings of names: typos of the archive and their corrections, used in titles only."""

from __future__ import annotations

# Several words, or words that are not names: replaced anywhere in a title.
PHRASES: tuple[tuple[str, str], ...] = (
    ("money maker", "Moneymaker"),
    ("all ins", "All-Ins"),
    ("eoe", "End of Event"),
)

SPELLINGS: dict[str, str] = {
    "betil": "Betil",
    "caprlies": "Caprlies",
    "dvoress": "Dvoress",
    "hellmuht": "Hellmuth",
    "huh": "Huh",
    "liv": "Liv",
    "moneymaker": "Moneymaker",
    "neagreau": "Negreanu",
    "negraneau": "Negreanu",
    "negrenu": "Negreanu",
    "piekazewicz": "Piekazewicz",
    "schulmanr": "Schulman",
    "sidel": "Seidel",
    "tvk": "TVK",
    "unger": "Ungar",
}
