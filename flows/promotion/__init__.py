"""The steps that copy popular titles to the SSD."""
