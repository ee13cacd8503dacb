export type Day<T> = { day: string; items: T[] };

/** Group what was watched by day; the order stays. */
export function daysOf<T extends { viewed_on: string }>(views: readonly T[]): Day<T>[] {
  const days = new Map<string, T[]>();
  for (const view of views) days.set(view.viewed_on, [...(days.get(view.viewed_on) ?? []), view]);
  return [...days].map(([day, items]) => ({ day, items }));
}
