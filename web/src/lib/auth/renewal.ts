import { untilOf } from "./until";

/** Seconds before the end of an access token at which it is renewed. */
export const MARGIN_S = 120;
const LOCK = "wsoptv-renewal";

export type Renewal = "fresh" | "renewed" | "signed-out" | "failed";

export type Surroundings = {
  now: () => number;
  cookies: () => string;
  refresh: () => Promise<Pick<Response, "ok" | "status">>;
  locked: <T>(work: () => Promise<T>) => Promise<T>;
};

const browser: Surroundings = {
  now: () => Date.now() / 1000,
  cookies: () => document.cookie,
  refresh: async () => {
    const response = await fetch("/api/auth/refresh", { method: "POST", credentials: "same-origin" });
    // An unread body would hold its connection.
    await response.arrayBuffer();
    return response;
  },
  // Without Web Locks two tabs may renew at once, which the server forgives for 30 seconds.
  locked: async (work) => (navigator.locks ? await navigator.locks.request(LOCK, work) : work()),
};

/**
 * Renew the access token if it ends soon, one tab at a time.
 *
 * `force`: although its time has not come, because the server refused it.
 */
export async function ensureFresh(force = false, around: Surroundings = browser): Promise<Renewal> {
  const before = untilOf(around.cookies());
  if (before === null) return "signed-out";
  if (!force && !isDue(before, around)) return "fresh";
  return around.locked(async () => {
    // Another tab may have renewed while this one waited for the lock.
    const until = untilOf(around.cookies());
    if (until === null) return "signed-out";
    if (until > before && !isDue(until, around)) return "fresh";
    return exchange(around);
  });
}

async function exchange(around: Surroundings): Promise<Renewal> {
  try {
    const response = await around.refresh();
    if (response.ok) return "renewed";
    return response.status === 401 ? "signed-out" : "failed";
  } catch {
    // Offline, or the server restarts: the next occasion tries again.
    return "failed";
  }
}

function isDue(until: number, around: Surroundings): boolean {
  return until - around.now() < MARGIN_S;
}
