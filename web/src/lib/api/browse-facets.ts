import "server-only";
import type { FacetValues } from "@/lib/facet-groups";
import { listSeries } from "./catalogue";

const plain = (values: readonly (string | number)[]) => values.map((value) => ({ value, count: null }));

// The closed sets of the document. Facets without words (issue 19) will bring counts, games and what is there.
const CLOSED = {
  event_type: plain(["main_event", "bracelet", "other"]),
  stage: plain(["final_table", "final_day", "heads_up", "final_four"]),
  content_type: plain(["stream", "episode", "best_of", "hand_clip", "clip"]),
  quality: plain(["4k", "hd", "sd"]),
} satisfies FacetValues;

/** Return the values to browse by. The API counts facets only of a search, so these have no numbers. */
export async function readBrowseFacets(): Promise<FacetValues> {
  const { items } = await listSeries();
  const distinct = <T>(values: T[]) => [...new Set(values)];
  return {
    ...CLOSED,
    brand: plain(distinct(items.map((series) => series.brand))),
    year: plain(distinct(items.flatMap(({ year }) => year ?? [])).sort((a, b) => b - a)),
    region: plain(distinct(items.flatMap(({ region }) => region ?? []))),
  };
}
