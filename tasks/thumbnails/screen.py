"""Colours of HDR and of wide gamuts, shown on a screen of BT.709: the same light as FFmpeg's filters make of it.

Renditions go through `zscale` and `tonemap` (see `tasks.renditions.filters`). PyAV has no `zscale`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tasks.media.colours import HLG, KNEE, PEAK, PQ, WHITE, Colours

Light = NDArray[np.float32]

_SCREEN_GAMMA = 2.4  # ITU-R BT.1886
_LEVELS = 1 << 16
_HLG_GAMMA = 1.2  # of a screen of 1,000 nits (ITU-R BT.2100)
_P3 = ((1.22494, -0.22494, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274))
_TO_BT709 = {  # from the chromaticities of each, white D65
    9: ((1.660491, -0.587641, -0.07285), (-0.12455, 1.1329, -0.008349), (-0.018151, -0.100579, 1.11873)),
    11: _P3,
    12: _P3,
}


def on_screen(signal: NDArray[np.uint16], colours: Colours) -> NDArray[np.uint8]:
    """Return red, green and blue in 8 bits of a picture in 16 bits, shape (height, width, 3)."""
    light: Light = _light(colours.transfer)[signal]
    if colours.primaries in _TO_BT709:
        light = light @ np.array(_TO_BT709[colours.primaries], np.float32).T
    if colours.is_hdr:
        light = _squeezed(light)
    shown = np.clip(light, 0, 1) ** (1 / _SCREEN_GAMMA)
    pixels: NDArray[np.uint8] = np.rint(shown * 255).astype(np.uint8)
    return pixels


@cache
def _light(transfer: int) -> Light:
    """Return the light of each level of a signal: 1 is white."""
    signal = np.arange(_LEVELS) / (_LEVELS - 1)
    if transfer == PQ:  # SMPTE ST 2084
        root = signal ** (1 / 78.84375)
        light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return (light * (10_000 / WHITE)).astype(np.float32)
    if transfer == HLG:  # ARIB STD-B67
        light = np.where(
            signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        )
        # BT.2100 has a screen raise luma to this power; zimg does so with each channel, which is near
        return (light**_HLG_GAMMA * (PEAK / WHITE)).astype(np.float32)
    return (signal**_SCREEN_GAMMA).astype(np.float32)


def _squeezed(light: Light) -> Light:
    """Squeeze what is brighter than the knee, by the curve that FFmpeg's `tonemap` calls Möbius; hues stay."""
    peak = PEAK / WHITE
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    most = np.maximum(light.max(axis=-1), KNEE)
    curve = (b**2 + 2 * b * KNEE + KNEE**2) / (b - a) * (most + a) / (most + b)
    squeezed: Light = light * (curve / most)[..., None]
    return squeezed
