"""Media types of the containers that the archive holds, by the names that the metadata stage gives them."""

from __future__ import annotations

UNKNOWN = "application/octet-stream"

MEDIA_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "3gp": "video/3gpp",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "mxf": "application/mxf",
    "avi": "video/x-msvideo",
    "asf": "video/x-ms-wmv",
    "mpeg": "video/mpeg",
    "mpegts": "video/mp2t",
    "flv": "video/x-flv",
    "ogg": "video/ogg",
}
