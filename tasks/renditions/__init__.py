"""Renditions: decide which one makes a file playable in browsers, and make it."""
