import "server-only";
import { cache } from "react";
import { dataOf, ApiFailure } from "./failure";
import type { components } from "./schema";
import { api } from "./server";

export type AuthOptions = components["schemas"]["AuthOptions"];

// What the API does by default; its refusals are shown in any case.
const DEFAULTS: Pick<AuthOptions, "registration" | "password"> = {
  registration: "approval",
  password: { kinds: ["uppercase", "lowercase", "digit"], max_bytes: 72, min_characters: 8 },
};

/** Return whether registration is open and the rules of passwords; the defaults if the API does not respond. */
export const readAuthOptions = cache(async () => {
  try {
    return await dataOf((await api()).GET("/api/auth/options"));
  } catch (error) {
    if (error instanceof ApiFailure) return DEFAULTS;
    throw error;
  }
});
