/** The time zone of the browser, kept by a script, so that the server renders days as the viewer counts them. */
export const ZONE_COOKIE = "wsoptv_zone";

/** Return the time zone of the cookie; UTC before a script has set it, or if this server does not know it. */
export function zoneOf(cookie: string | undefined): string {
  if (!cookie || cookie.length > 64) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: cookie }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
