"""Bulk import of hands."""
