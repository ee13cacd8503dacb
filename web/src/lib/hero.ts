import type { Home, HomeRow, Listed } from "./api/catalogue";

export type Hero = { kind: "resume" | "main_event" | "recent"; title: Listed };

const KINDS = { continue_watching: "resume", main_event: "main_event" } as const;

/** Return the title at the top of home and why it is there: the first row that begins with it. */
export function heroOf({ hero, rows }: Home): Hero | null {
  if (!hero) return null;
  for (const [id, kind] of Object.entries(KINDS)) {
    if (rows.find((row) => row.id === id)?.items[0]?.id === hero.id) return { kind, title: hero };
  }
  return { kind: "recent", title: hero };
}

// A card takes about 200 compressed bytes: so many, with the frame of the page, stay below 30 kB.
const FIRST_CARDS = 90;

/** Return the rows that home begins with; the others are added when a reader comes near. */
export function firstRows(rows: readonly HomeRow[]): HomeRow[] {
  let cards = 0;
  return rows.filter(({ items }, index) => {
    cards += items.length;
    return index === 0 || cards <= FIRST_CARDS;
  });
}

/** Return the page with all titles of a row. */
export function allOf({ id }: Pick<HomeRow, "id">): string {
  if (id.startsWith("series:")) return `/series/${id.slice("series:".length)}`;
  return id === "watchlist" ? "/list" : `/rows/${id}`;
}
