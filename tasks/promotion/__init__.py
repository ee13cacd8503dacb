"""Promotion: plan which titles are copied to the SSD and which copies are evicted, and copy files.

Plans are pure.
"""
