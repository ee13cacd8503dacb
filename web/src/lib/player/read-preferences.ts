import "server-only";
import { api } from "@/lib/api/server";
import { DEFAULTS, type Preferences } from "./preferences";

/** Return what the player remembers of a person; a film needs none of it, so failures count as none. */
export async function readPreferences(): Promise<Preferences> {
  const found = await (await api()).GET("/api/users/me/preferences").catch(() => null);
  return { ...DEFAULTS, ...found?.data };
}
