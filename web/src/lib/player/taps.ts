/** A tap or click: when, in milliseconds, and where across the picture, from 0 to 1. */
export type Tap = { at: number; x: number };

export type TapMeaning = { kind: "single" } | { kind: "double" } | { kind: "side"; seconds: number };

const DOUBLE_MS = 300;
const SIDE = 0.35;
const SIDE_S = 10;

/** Return what a tap means after the one before it. With a finger, double taps at the sides jump. */
export function readTap(before: Tap | null, tap: Tap, touch: boolean): TapMeaning {
  if (!before || tap.at - before.at > DOUBLE_MS) return { kind: "single" };
  if (!touch) return { kind: "double" };
  if (tap.x < SIDE && before.x < SIDE) return { kind: "side", seconds: -SIDE_S };
  if (tap.x > 1 - SIDE && before.x > 1 - SIDE) return { kind: "side", seconds: SIDE_S };
  return { kind: "single" };
}
