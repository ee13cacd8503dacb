import "server-only";
import { cache } from "react";
import { partOf } from "./catalogue";
import { dataOf } from "./failure";
import type { components } from "./schema";
import { api } from "./server";

export type MyPreferences = Required<components["schemas"]["MyPreferences"]>;
export type SavedFilter = components["schemas"]["SavedFilter"];
export type HistoryTitle = components["schemas"]["HistoryTitle"];

export async function readList(page: number) {
  return dataOf((await api()).GET("/api/users/me/list", { params: { query: partOf(page) } }));
}

/** Return a page of what the viewer watched; days begin by the time zone. */
export async function readHistory(page: number, timezone: string) {
  return dataOf((await api()).GET("/api/users/me/history", { params: { query: { ...partOf(page), timezone } } }));
}

/** Return the preferences of the account. The API always sends all of them. */
export const readPreferences = cache(async () => {
  return (await dataOf((await api()).GET("/api/users/me/preferences"))) as MyPreferences;
});
