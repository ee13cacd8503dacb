import type { HomeRow, HomeTitle } from "./api/catalogue";

export type Hero = { kind: "resume" | "main_event" | "recent"; title: HomeTitle };

const BY_ROW = [
  ["continue_watching", "resume"],
  ["main_event", "main_event"],
  ["recently_added", "recent"],
] as const;

/** Return the title at the top of home: what was begun last, else the newest Main Event, else the newest. */
export function heroOf(rows: readonly HomeRow[]): Hero | null {
  for (const [id, kind] of BY_ROW) {
    const title = rows.find((row) => row.id === id)?.items[0];
    if (title) return { kind, title };
  }
  return null;
}

/** Return where all titles of a row are listed; null where the API has no such list yet. */
export function allOf(rowId: string): string | null {
  if (rowId.startsWith("series:")) return `/series/${rowId.slice("series:".length)}`;
  if (rowId === "recently_added") return "/browse?sort=-added";
  if (rowId === "main_event") return "/browse?event_type=main_event";
  return null;
}
