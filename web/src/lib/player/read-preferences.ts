import "server-only";
import type { Client } from "openapi-fetch";
import { api } from "@/lib/api/server";
import { DEFAULTS, type Preferences } from "./preferences";

// The types of the API know this path once the client is generated again.
type Paths = {
  "/api/users/me/preferences": {
    get: { responses: { 200: { content: { "application/json": Preferences } } } };
  };
};

/** Return what the player remembers of a person; a film needs none of it, so failures count as none. */
export async function readPreferences(): Promise<Preferences> {
  const client = (await api()) as unknown as Client<Paths>;
  const found = await client.GET("/api/users/me/preferences").catch(() => null);
  return { ...DEFAULTS, ...found?.data };
}
