"""The steps that copy hot titles to the SSD, so that a death at any of them leaves nothing that is half there.

Room is reserved as a row. The copy is made under a temporary name, verified, given its name, and only then played.
Evictions go the other way: no player is sent to the copy any more, then the file goes, then its room is free.
"""
