/** The filters of browse and search, and their form in the address. */
import type { paths } from "./api/schema";
import { CONTENT_TYPES, EVENT_TYPES, QUALITIES, REGIONS, STAGES, WATCH_STATES } from "./codes";

export const PAGE_SIZE = 48;

/** The filters in the order in which pages show them. */
export const FACETS = [
  "playable",
  "watched",
  "brand",
  "year",
  "event_type",
  "event",
  "stage",
  "content_type",
  "game",
  "buy_in",
  "region",
  "series_id",
  "player",
  "quality",
] as const;
export type FilterName = (typeof FACETS)[number];

export const SORTS = ["-year", "year", "-added", "-views", "-watched", "title", "-duration", "duration"] as const;
export type Sort = (typeof SORTS)[number];

export type Filters = { values: Partial<Record<FilterName, string[]>>; sort?: Sort; page: number };
export type Chip = { name: FilterName; value: string };
/** New values of filters; an empty list removes the filter. */
export type Change = Partial<Record<FilterName, string[]>> & { sort?: Sort | null; page?: number };

export type SearchParams = Record<string, string | string[] | undefined>;
export type Query = NonNullable<paths["/api/facets"]["get"]["parameters"]["query"]>;

const LONGEST = 300;
const MOST_VALUES = 50;
const LAST_PAGE = 100_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const isText = (value: string) => value !== "" && value.length <= LONGEST && !value.includes("\0");
const isOneOf = (codes: readonly string[]) => (value: string) => codes.includes(value);
const isNumber = (digits: number) => (value: string) => /^\d+$/.test(value) && value.length <= digits;

// What the API accepts; it refuses a whole request for one invalid value.
const ACCEPTS: Record<FilterName, (value: string) => boolean> = {
  watched: isOneOf(WATCH_STATES),
  brand: isText,
  year: isNumber(4),
  event_type: isOneOf(EVENT_TYPES),
  event: isText,
  stage: isOneOf(STAGES),
  content_type: isOneOf(CONTENT_TYPES),
  game: isText,
  buy_in: isNumber(15),
  region: isOneOf(REGIONS),
  series_id: (value) => UUID.test(value),
  player: isText,
  quality: isOneOf(QUALITIES),
  playable: isOneOf(["false", "all"]),
};

/** Read the filters of an address; values that the API would refuse are left out. */
export function parseFilters(params: SearchParams): Filters {
  const filters: Filters = { values: {}, page: pageOf(one(params, "page")) };
  for (const name of FACETS) {
    const given = [params[name] ?? []].flat().map((value) => value.trim());
    const accepted = [...new Set(given)].filter(ACCEPTS[name]).slice(0, name === "playable" ? 1 : MOST_VALUES);
    if (accepted.length > 0) filters.values[name] = accepted;
  }
  const sort = SORTS.find((known) => known === one(params, "sort"));
  if (sort) filters.sort = sort;
  return filters;
}

/** Return the filters as the API takes them. */
export function queryOf({ values }: Filters): Query {
  const { year, buy_in, playable, ...texts } = values;
  // `parseFilters` has compared the codes with the closed sets.
  const query = { ...texts, playable: playable?.[0] } as Query;
  return { ...query, year: year?.map(Number), buy_in: buy_in?.map(Number) };
}

/** Return one value of a parameter: the first, if there are several. */
export function one(params: SearchParams, name: string): string | undefined {
  const value = params[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Return the query of an address with these filters after a change. A change begins at page 1. */
export function queryText(filters: Filters, { sort, page = 1, ...change }: Change = {}, q?: string): string {
  const query = new URLSearchParams(q ? { q } : {});
  const values = { ...filters.values, ...change };
  for (const name of FACETS) for (const value of values[name] ?? []) query.append(name, value);
  const order = sort === undefined ? filters.sort : sort;
  if (order) query.set("sort", order);
  if (page > 1) query.set("page", String(page));
  return query.toString();
}

/** Return the address of a list with these filters after a change. */
export function hrefOf(path: string, filters: Filters, change: Change = {}, q?: string): string {
  const text = queryText(filters, change, q);
  return text ? `${path}?${text}` : path;
}

/** Return the filters without one value. */
export function without({ values }: Filters, { name, value }: Chip): Change {
  return { [name]: values[name]?.filter((other) => other !== value) ?? [] };
}

/** Return the values that are set, in a fixed order. */
export function chipsOf({ values }: Filters): Chip[] {
  return FACETS.flatMap((name) => (values[name] ?? []).map((value) => ({ name, value })));
}

/** Return the pages to offer: the first, the last, and those beside the present one; null is a gap. */
export function pagesAround(page: number, last: number): (number | null)[] {
  const near = [1, page - 1, page, page + 1, last].filter((number) => number >= 1 && number <= last);
  const wanted = [...new Set(near)].sort((a, b) => a - b);
  return wanted.flatMap((number, index) => {
    const before = wanted[index - 1];
    return before !== undefined && number - before > 1 ? [null, number] : [number];
  });
}

/** Return the number of the page that an address names. */
export function pageOf(value: string | undefined): number {
  const page = Number(value);
  return Number.isInteger(page) && page >= 1 ? Math.min(page, LAST_PAGE) : 1;
}
