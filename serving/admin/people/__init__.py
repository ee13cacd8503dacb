"""Accounts for admins: list, add, change, remove and sign out."""
