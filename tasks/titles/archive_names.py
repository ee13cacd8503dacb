"""Recognise the names of videos among the other files of an archive."""

from __future__ import annotations

ENDINGS: dict[str, str] = {
    "asf": "asf wmv wm dvr-ms",
    "avi": "avi divx",
    "dv": "dv dif",
    "flv": "flv",
    "gxf": "gxf",
    "matroska": "mkv mk3d webm",
    "mov": "mov qt mqv mp4 m4v mp4v f4v 3gp 3gpp 3gp2 3g2 mj2 lrv",
    "mpeg": "mpg mpeg mpe m2p vob mod vro evo",
    "mpegts": "ts m2t m2ts mts tod tp trp",
    "mpegvideo": "m1v m2v mpv",
    "mxf": "mxf",
    "ogg": "ogm ogv ogx",
    "rm": "rm rmvb",
    "wtv": "wtv",
}
"""File name endings by the name of the container in FFmpeg.

Camcorders name an MPEG stream `.mod` or `.tod`, and recorders an ASF file `.dvr-ms`. A test compares the
containers with those that the reader opens (`tasks.media.container.CONTAINERS`).
"""

VIDEO_ENDINGS = frozenset(ending for endings in ENDINGS.values() for ending in endings.split())


def is_video_path(path: str) -> bool:
    """Return whether a relative path is a video, by its ending.

    Hidden folders and AppleDouble (`._x.mp4`) are not.
    """
    folder, _, name = path.rpartition("/")
    if name.startswith(".") or folder.startswith(".") or "/." in folder:
        return False
    return name.rpartition(".")[2].lower() in VIDEO_ENDINGS and "." in name
