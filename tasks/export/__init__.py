"""An export of the catalogue: JSON Lines that any program reads, written whole and read with distrust."""
