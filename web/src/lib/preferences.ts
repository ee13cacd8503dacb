const A_YEAR_S = 365 * 24 * 3600;

export type PreferenceName = "theme" | "locale";

/** Keep a choice in the cookie that the server renders by. */
export function keepPreference(name: PreferenceName, value: string): void {
  document.cookie = `wsoptv_${name}=${value}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  // A theme needs no new page.
  if (name === "theme") document.documentElement.dataset.theme = value;
}
