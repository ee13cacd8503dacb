"""Group the files that show the same programme into one title. Edits by moderators win over every rule.

Functions that change titles take a session, and return the events to publish after the commit.
"""
