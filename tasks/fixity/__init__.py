"""Fixity: whether every byte of a file is still the same."""
