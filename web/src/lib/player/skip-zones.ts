export type Zone = { start: number; end: number };
export type SkipMode = "off" | "hands" | "best";

/** Gaps shorter than this are left: a jump would disturb more than it saves. */
export const SHORTEST_SKIP_S = 3;

/** Return the gaps that the intervals leave in a film of this length; without intervals there are none. */
export function gapsOf(intervals: readonly Zone[], duration: number): Zone[] {
  const ordered = intervals.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  if (ordered.length === 0) return [];
  const gaps: Zone[] = [];
  let reached = 0;
  for (const { start, end } of ordered) {
    if (start > reached) gaps.push({ start: reached, end: start });
    reached = Math.max(reached, end);
  }
  if (duration > reached) gaps.push({ start: reached, end: duration });
  return gaps;
}

/** Return the gap at this time, if the rest of it is worth a skip. */
export function gapAt(gaps: readonly Zone[], time: number): Zone | null {
  return gaps.find(({ start, end }) => start <= time && time < end && end - time >= SHORTEST_SKIP_S) ?? null;
}

/** Return the seconds that remain to be watched if the gaps are skipped. */
export function lengthWithout(gaps: readonly Zone[], duration: number): number {
  return gaps.reduce((sum, { start, end }) => sum - (end - start), duration);
}

export type Skip = { from: number; to: number };

/** Decides on automatic skips. A gap that the viewer chose to see is not skipped until they have left it. */
export class SkipPolicy {
  private kept: Zone | null = null;

  /** Return the skip to make at this time. */
  at(gaps: readonly Zone[], time: number): Skip | null {
    if (this.kept && (time < this.kept.start - 1 || time >= this.kept.end)) this.kept = null;
    const gap = gapAt(gaps, time);
    return gap && !this.kept ? { from: time, to: gap.end } : null;
  }

  /** Leave the gap at this time alone: the viewer undid its skip, or went into it. */
  keep(gaps: readonly Zone[], time: number): void {
    this.kept = gaps.find(({ start, end }) => start <= time && time < end) ?? null;
  }
}
