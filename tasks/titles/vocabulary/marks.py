"""Marks that editors, machines and downloads leave in names: they describe the file, never the programme."""

from __future__ import annotations

# A mark is removed where it is between spaces, underscores, hyphens, dots or the ends of the name.
MARKS: tuple[tuple[str, str], ...] = (
    ("inventory", r"es[mo]?\d{6,}|gmpo ?\d+"),
    ("no bug", r"nb|no ?bug"),
    ("audio channels", r"4 ?ch(?:an)?"),
    ("length of the version", r"\d\d ?minutes?|(?:60|90)(?=[-_ ](?:final|nb|4 ?ch))"),
    (
        "edit",
        r"final(?=[-_ ]+(?:4 ?ch|nb|edit)|[-_ ]*$)|final[-_ ]?edit|final ?look|hi ?res|text|re ?air|full episode|updated|corrected|correct|revised|rev ?\d+|fix(?:ed)?|new(?=[-_ ]*$)|outro|dirty",
    ),
    ("version", r"v\d(?:_\d)?|(?:\d_)?prob\d"),
    ("codec", r"h\.?26[45]|mpeg-2 [\d.]+mbps(?: \d-pass)?"),
    ("captions", r"cc"),
    ("channel", r"euro ?spo?rt|espn|ggpoker|pokergo|youtube(?: stream)?"),
    ("picture size", r"(?:480|720|1080|2160)p|4k uhd|uhd"),
    ("Korean: final", r"최종"),
)
