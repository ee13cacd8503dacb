"""The steps that make playable renditions."""
