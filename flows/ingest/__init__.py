"""The steps of an ingest: scan, titles, metadata, quality, catalogue, posters, index, summary."""
