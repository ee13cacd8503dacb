"""Titles and files that need a decision: unsure titles, quarantine, dead letters, missing files."""
