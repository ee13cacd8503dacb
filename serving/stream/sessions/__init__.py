"""Playback sessions: who may have the bytes of a title, and which sessions play in this process."""
