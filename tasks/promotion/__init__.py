"""Promotion: which titles are copied to the SSD, which leave it, and the copying. Plans are pure; copies are whole or not there."""
