import type { components } from "./api/schema";
import { FACETS, hrefOf, type FilterName, type Filters } from "./filters";

export type FacetOption = { value: string; count: number | null; href: string; selected: boolean };
export type FacetGroup = { name: FilterName; options: FacetOption[] };
export type TitleFacets = components["schemas"]["TitleFacets"];
type Counted = { value: string | number; count: number };

// Of long lists the page shows the beginning; the pages of players and series have all.
const MOST = 16;

/** Return the groups to offer: fields with a choice, or with a value that is set. */
export function groupsOf(path: string, filters: Filters, facets: TitleFacets, q?: string): FacetGroup[] {
  return FACETS.map((name) => {
    if (name === "playable") return { name, options: playableOptions(path, filters, facets, q) };
    const chosen = filters.values[name] ?? [];
    const options = shown(name, countsOf(facets, name), chosen).map(({ value, count }) => {
      const selected = chosen.includes(value);
      const next = selected ? chosen.filter((other) => other !== value) : [...chosen, value];
      return { value, count, selected, href: hrefOf(path, filters, { [name]: next }, q) };
    });
    return { name, options };
  }).filter(({ name, options }) => options.length > 1 || (name in filters.values && options.length > 0));
}

/** Return how many values are set. What plays is shown by default, so it does not count. */
export function setCount(groups: FacetGroup[]): number {
  const isDefault = (name: FilterName, value: string) => name === "playable" && value === "true";
  const set = groups.map(({ name, options }) => options.filter(({ selected, value }) => selected && !isDefault(name, value)));
  return set.flat().length;
}

/** Return the names of the series that facets count. */
export function seriesNames(facets: TitleFacets): Map<string, string> {
  return new Map(facets.series.map(({ value, name }) => [String(value), name]));
}

/** Return how many titles a list leaves out because they do not play yet. */
export function preparedOf(filters: Filters, facets: TitleFacets): number {
  return filters.values.playable ? 0 : playableCount(facets, "false");
}

/** Return the choices of what plays: one at a time, and one of them is always set. */
function playableOptions(path: string, filters: Filters, facets: TitleFacets, q?: string): FacetOption[] {
  const chosen = filters.values.playable?.[0];
  const [plays, prepared] = [playableCount(facets, "true"), playableCount(facets, "false")];
  if (prepared === 0 && !chosen) return [];
  const choices = [
    { value: "true", count: plays },
    { value: "false", count: prepared },
    { value: "all", count: plays + prepared },
  ];
  return choices
    .map(({ value, count }) => {
      const href = hrefOf(path, filters, { playable: value === "true" ? [] : [value] }, q);
      return { value, count, href, selected: value === (chosen ?? "true") };
    })
    .filter(({ count, selected }) => count > 0 || selected);
}

function playableCount(facets: TitleFacets, wanted: "true" | "false"): number {
  return facets.playable.find(({ value }) => String(value) === wanted)?.count ?? 0;
}

function countsOf(facets: TitleFacets, name: Exclude<FilterName, "playable">): readonly Counted[] {
  if (name === "year") return [...facets.year].sort((one, other) => Number(other.value) - Number(one.value));
  if (name !== "series_id") return facets[name];
  return [...facets.series].sort((one, other) => yearIn(other.name) - yearIn(one.name));
}

function yearIn(name: string): number {
  return Number(/\b(19|20)\d\d\b/.exec(name)?.[0] ?? 0);
}

/** Return the first values, and those that are set; one that no title has any more has no count. */
function shown(name: FilterName, counts: readonly Counted[], chosen: readonly string[]): { value: string; count: number | null }[] {
  // All years are offered: no other page lists them.
  const most = name === "year" ? Infinity : MOST;
  const texts = counts.map(({ value, count }) => ({ value: String(value), count }));
  const kept = texts.filter(({ value }, index) => index < most || chosen.includes(value));
  const lost = chosen.filter((value) => !kept.some((option) => option.value === value));
  return [...kept, ...lost.map((value) => ({ value, count: null }))];
}
