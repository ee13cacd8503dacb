import "server-only";
import { cache } from "react";
import { dataOf } from "./failure";
import type { components } from "./schema";
import { api } from "./server";

export type Me = components["schemas"]["Me"];
export type Device = components["schemas"]["Device"];

export const readMe = cache(async () => dataOf((await api()).GET("/api/users/me")));

export async function listDevices() {
  return dataOf((await api()).GET("/api/users/me/sessions"));
}
