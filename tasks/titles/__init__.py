"""The block `title_generator`: read from a path which programme a file shows.

Only the standard library, by law.
"""

from __future__ import annotations

from tasks.titles.archive_names import is_video_path
from tasks.titles.key import PATH_KEY
from tasks.titles.known import KNOWN, Known, known_players
from tasks.titles.proposals import Proposal, propose_players, seated_players
from tasks.titles.reader import Explained, explain_title, read_title
from tasks.titles.title import Title
from tasks.titles.vocabulary.series import BRAND_NAMES, BRAND_TITLES, BRANDS

__all__ = [
    "BRANDS",
    "BRAND_NAMES",
    "BRAND_TITLES",
    "KNOWN",
    "PATH_KEY",
    "Explained",
    "Known",
    "Proposal",
    "Title",
    "explain_title",
    "is_video_path",
    "known_players",
    "propose_players",
    "read_title",
    "seated_players",
]
