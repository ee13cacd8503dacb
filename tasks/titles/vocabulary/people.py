"""People as they write themselves: typos of the archive beside the right spelling, for titles alone."""

from __future__ import annotations

# More than one word, or more than people: replaced wherever they stand in a title.
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
