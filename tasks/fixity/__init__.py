"""Fixity: whether every byte of a file is what it was."""
