"""Fixtures that several folders of tests share: a plugin has one instance of each in a session."""
