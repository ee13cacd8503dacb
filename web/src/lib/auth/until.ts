export const UNTIL_COOKIE = "wsoptv_until";

/** Return when the access token ends, in epoch seconds; null without a sign-in. */
export function untilOf(cookies: string): number | null {
  const found = new RegExp(`(?:^|;\\s*)${UNTIL_COOKIE}=(\\d+)`).exec(cookies)?.[1];
  return found === undefined ? null : Number(found);
}
