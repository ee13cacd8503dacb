const DASH = " – ";

/**
 * Divide a title at its last dash: `WSOP 2024 Main Event – Day 1A` is a day of an event.
 *
 * Titles of one event begin alike, so a card that cuts the end off would show the same words on each.
 */
export function partsOf(title: string): { event: string | null; name: string } {
  const at = title.lastIndexOf(DASH);
  if (at <= 0 || at + DASH.length >= title.length) return { event: null, name: title };
  return { event: title.slice(0, at), name: title.slice(at + DASH.length) };
}

/** Return the name of a title below the name of its series, which it does not repeat. */
export function nameInSeries(shortTitle: string, series: string): string {
  const first = series + DASH;
  return shortTitle.startsWith(first) && shortTitle.length > first.length ? shortTitle.slice(first.length) : shortTitle;
}
