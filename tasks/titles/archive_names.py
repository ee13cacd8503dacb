"""Which names are videos of the archive, and which the litter of fifty years of desktops."""

from __future__ import annotations

VIDEO_ENDINGS = frozenset(
    [
        "3gp",
        "asf",
        "avi",
        "divx",
        "dv",
        "f4v",
        "flv",
        "m2t",
        "m2ts",
        "m2v",
        "m4v",
        "mkv",
        "mov",
        "mp4",
        "mpe",
        "mpeg",
        "mpg",
        "mts",
        "mxf",
        "ogm",
        "ogv",
        "qt",
        "rm",
        "rmvb",
        "ts",
        "vob",
        "webm",
        "wmv",
    ]
)


def is_video_path(path: str) -> bool:
    """Whether a relative path names a video: by its ending, outside hidden folders, and no AppleDouble (`._x.mp4`)."""
    folder, _, name = path.rpartition("/")
    if name.startswith(".") or folder.startswith(".") or "/." in folder:
        return False
    return name.rpartition(".")[2].lower() in VIDEO_ENDINGS and "." in name
