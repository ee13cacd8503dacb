"""Playback sessions: access to the bytes of titles, and the active sessions of this process."""
