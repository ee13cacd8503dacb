"""The steps that make playable renditions of files that do not play, or not well, as they are."""
