"""Fill the index of a Meilisearch with its official client. The caller loads and stores the rows."""
