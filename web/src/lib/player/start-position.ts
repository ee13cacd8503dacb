import type { PlayerHand } from "./hands";

export type Wish = { t?: string; hand?: string };

/** Return the second that the address asks for (`?t=4083`, `?t=1h8m3s`, `?hand=14`), or null if it asks for none. */
export function wishedSecond({ t, hand }: Wish, hands: readonly PlayerHand[]): number | null {
  const wished = hand === undefined ? undefined : hands.find(({ index }) => String(index) === hand);
  return wished ? wished.start : t === undefined ? null : secondOf(t);
}

function secondOf(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!found || text === "") return null;
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** Return the address of a moment, without the origin. */
export function momentPath(id: string, seconds: number): string {
  return `/watch/${id}?t=${Math.floor(seconds)}`;
}

export function handPath(id: string, index: number): string {
  return `/watch/${id}?hand=${index}`;
}
