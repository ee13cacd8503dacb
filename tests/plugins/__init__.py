"""Fixtures that several test folders share. In a plugin each has one instance per session."""
