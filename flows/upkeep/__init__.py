"""The steps of the nightly flows: fixity, export, expiry, statistics."""
