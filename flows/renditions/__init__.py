"""The steps that make playable renditions of files that do not play well as they are."""
