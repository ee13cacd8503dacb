"""Renditions: what has to be done to a file so that browsers play it, and doing it."""
