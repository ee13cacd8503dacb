"""The steps that copy hot titles to the SSD.

A process that is killed at any of them leaves nothing half done.

Room is reserved as a row. The copy is made under a temporary name, verified, renamed, and only then played.
Evictions go the other way: players are no longer sent to the copy, then the file is removed, then its room is
free.
"""
