export type Interval = { start_seconds: number; end_seconds: number };

export type Saving = { total: number; play: number; saved: number; percent: number };

/** Return what skipping all but the play saves, in seconds; null if there is nothing to skip or to play. */
export function savingOf(total: number | null, play: number | null): Saving | null {
  if (total === null || play === null || play <= 0 || play >= total) return null;
  const saved = total - play;
  return { total, play, saved, percent: Math.round((saved / total) * 100) };
}

/** Return the seconds that the intervals cover; where they overlap, once. */
export function covered(intervals: readonly Interval[]): number {
  const ordered = [...intervals].sort((a, b) => a.start_seconds - b.start_seconds);
  let [sum, end] = [0, -Infinity];
  for (const { start_seconds: start, end_seconds: stop } of ordered) {
    sum += Math.max(0, stop - Math.max(start, end));
    end = Math.max(end, stop);
  }
  return sum;
}
