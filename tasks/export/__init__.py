"""An export of the catalogue as JSON Lines: written completely or not at all, verified before it is read."""
