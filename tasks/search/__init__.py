"""Search: fills the index of a Meilisearch through its official client. Plain functions; whoever calls them loads and stores the rows."""
