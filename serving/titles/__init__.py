"""Titles for several blocks: fields, watching order, list filters and playback errors."""
