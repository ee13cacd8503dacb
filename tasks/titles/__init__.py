"""The block `title_generator`: read from a path which programme a file shows.

Only the standard library, by law.
"""

from __future__ import annotations

from tasks.titles.archive_names import is_video_path
from tasks.titles.key import PATH_KEY
from tasks.titles.reader import Explained, explain_title, read_title
from tasks.titles.title import Title

__all__ = ["PATH_KEY", "Explained", "Title", "explain_title", "is_video_path", "read_title"]
