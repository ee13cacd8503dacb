"""Titles for moderators: list, edit, confirm, merge and split."""
