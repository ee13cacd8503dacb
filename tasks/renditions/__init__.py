"""Renditions: decide what a file needs so that browsers can play it, and make that."""
