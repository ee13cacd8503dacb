"""The steps of an ingest: scan, titles, metadata, quality, programmes, posters, summary."""
