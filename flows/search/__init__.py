"""The steps that keep the search index and the search vocabulary up to date."""
