"""The block `title_generator`: what a path says of the programme it holds. Pure standard library, by law."""

from __future__ import annotations

from tasks.titles.archive_names import is_video_path
from tasks.titles.reader import read_title
from tasks.titles.title import Title

__all__ = ["Title", "is_video_path", "read_title"]
