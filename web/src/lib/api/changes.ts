import { browserApi } from "./browser";
import { dataOf } from "./failure";
import type { components } from "./schema";

type MyPreferenceChanges = components["schemas"]["MyPreferenceChanges"];
type SavedFilter = components["schemas"]["SavedFilter"];

const ADDRESSES = {
  list: "/api/users/me/list/{content_id}",
  watched: "/api/users/me/watched/{content_id}",
  row: "/api/users/me/continue-watching/{content_id}",
} as const;
export type State = keyof typeof ADDRESSES;

/** Set or remove a state of a title for the viewer. */
export async function setState(state: State, id: string, on: boolean): Promise<void> {
  const params = { path: { content_id: id } };
  await dataOf(on ? browserApi.PUT(ADDRESSES[state], { params }) : browserApi.DELETE(ADDRESSES[state], { params }));
}

export async function forgetView(id: string): Promise<void> {
  await dataOf(browserApi.DELETE("/api/users/me/history/{content_id}", { params: { path: { content_id: id } } }));
}

export async function forgetAllViews(): Promise<void> {
  await dataOf(browserApi.DELETE("/api/users/me/history"));
}

export async function savePreferences(body: MyPreferenceChanges) {
  return dataOf(browserApi.PATCH("/api/users/me/preferences", { body }));
}

/** Change the saved filters as they are now; another device may have changed them since this page was opened. */
export async function changeFilters(change: (filters: SavedFilter[]) => SavedFilter[]): Promise<void> {
  const { filters = [] } = await dataOf(browserApi.GET("/api/users/me/preferences"));
  await savePreferences({ filters: change(filters) });
}
