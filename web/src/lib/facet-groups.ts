import type { components } from "./api/schema";
import { FACETS, hrefOf, type FilterName, type Filters } from "./filters";

export type FacetOption = { value: string; count: number | null; href: string; selected: boolean };
export type FacetGroup = { name: FilterName; options: FacetOption[] };
type TitleFacets = components["schemas"]["TitleFacets"];
type Counted = { value: string | number; count: number };

// Of long lists the page shows the beginning; the pages of players and series have all.
const MOST = 16;

/** Return the groups to offer: fields with a choice, or with a value that is set. */
export function groupsOf(path: string, filters: Filters, facets: TitleFacets, q?: string): FacetGroup[] {
  return FACETS.map((name) => {
    const chosen = filters.values[name] ?? [];
    const options = shown(countsOf(facets, name), chosen).map(({ value, count }) => {
      const selected = chosen.includes(value);
      const others = name === "playable" ? [] : chosen.filter((other) => other !== value);
      const next = selected ? others : [...others, value];
      return { value, count, selected, href: hrefOf(path, filters, { [name]: next }, q) };
    });
    return { name, options };
  }).filter(({ name, options }) => options.length > (name === "playable" ? 0 : 1) || options.some((option) => option.selected));
}

/** Return the names of the series that facets count. */
export function seriesNames(facets: TitleFacets): Map<string, string> {
  return new Map(facets.series.map(({ value, name }) => [String(value), name]));
}

function countsOf(facets: TitleFacets, name: FilterName): readonly Counted[] {
  if (name === "series_id") return facets.series;
  if (name !== "playable") return facets[name];
  // Lists show what plays; the others, and both together, are the choices.
  const preparing = facets.playable.find(({ value }) => String(value) === "false");
  if (!preparing) return [];
  const both = facets.playable.reduce((sum, { count }) => sum + count, 0);
  return [preparing, { value: "all", count: both }];
}

/** Return the first values, and those that are set; one that no title has any more has no count. */
function shown(counts: readonly Counted[], chosen: readonly string[]): { value: string; count: number | null }[] {
  const texts = counts.map(({ value, count }) => ({ value: String(value), count }));
  const kept = texts.filter(({ value }, index) => index < MOST || chosen.includes(value));
  const lost = chosen.filter((value) => !kept.some((option) => option.value === value));
  return [...kept, ...lost.map((value) => ({ value, count: null }))];
}
