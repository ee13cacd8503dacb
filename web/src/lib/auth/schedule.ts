import { MARGIN_S } from "./renewal";
import { untilOf } from "./until";

const SOONEST_S = 30;
const LATEST_S = 600;

/** Return the milliseconds until the access token should be renewed; failed tries come again in half a minute. */
export function renewalDelay(cookies: string, now: number): number {
  const until = untilOf(cookies);
  const wanted = until === null ? LATEST_S : until - now - MARGIN_S;
  return Math.min(LATEST_S, Math.max(SOONEST_S, wanted)) * 1000;
}
