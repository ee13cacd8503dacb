import { ZONE_COOKIE } from "./time-zone";

const A_YEAR_S = 365 * 24 * 3600;

export type PreferenceName = "theme" | "locale";

/** Keep a choice in the cookie that the server renders by. */
export function keepPreference(name: PreferenceName, value: string): void {
  keep(`wsoptv_${name}`, value);
  // A theme needs no new page.
  if (name === "theme") document.documentElement.dataset.theme = value;
}

/** Keep the time zone of this browser; the next page is rendered by it. */
export function keepZone(zone: string): void {
  keep(ZONE_COOKIE, zone);
}

function keep(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
}
