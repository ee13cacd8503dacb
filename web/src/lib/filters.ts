/** The filters of browse and search, and their form in the address. */

export const PAGE_SIZE = 48;

export const FACETS = [
  "brand",
  "year",
  "event_type",
  "stage",
  "content_type",
  "game",
  "region",
  "quality",
] as const;
export type FacetName = (typeof FACETS)[number];

export const SORTS = ["-year", "year", "-added", "title", "-duration", "duration"] as const;
export type Sort = (typeof SORTS)[number];

export type Filters = {
  brand?: string;
  year?: number;
  event_type?: string;
  stage?: string;
  content_type?: string;
  game?: string;
  region?: string;
  quality?: "sd" | "hd" | "4k";
  player?: string;
  series_id?: string;
  playable?: "true" | "false" | "all";
  sort?: Sort;
  page: number;
};

export type SearchParams = Record<string, string | string[] | undefined>;
type Change = Partial<Record<keyof Filters, string | number | null>>;

const ORDER = [...FACETS, "player", "series_id", "playable"] as const;
export type FilterName = (typeof ORDER)[number];
export type Chip = { name: FilterName; value: string };

const LONGEST = 300;
const LAST_PAGE = 100_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Read the filters of an address; values that the API would refuse are left out. */
export function parseFilters(params: SearchParams): Filters {
  const filters: Filters = { page: pageOf(one(params, "page")) };
  for (const name of ["brand", "event_type", "stage", "content_type", "game", "region", "player"] as const) {
    const value = one(params, name)?.trim();
    if (value && value.length <= LONGEST && !value.includes("\0")) filters[name] = value;
  }
  const year = one(params, "year");
  if (year && /^\d{1,4}$/.test(year)) filters.year = Number(year);
  const quality = one(params, "quality");
  if (quality === "sd" || quality === "hd" || quality === "4k") filters.quality = quality;
  const playable = one(params, "playable");
  if (playable === "false" || playable === "all") filters.playable = playable;
  const series = one(params, "series_id");
  if (series && UUID.test(series)) filters.series_id = series;
  const sort = SORTS.find((known) => known === one(params, "sort"));
  if (sort) filters.sort = sort;
  return filters;
}

/** Return one value of a parameter: the first, if there are several. */
export function one(params: SearchParams, name: string): string | undefined {
  const value = params[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Return the address of a list with these filters after a change; null removes. A change begins at page 1. */
export function hrefOf(path: string, filters: Filters, change: Change = {}, q?: string): string {
  const next = { ...filters, ...("page" in change ? {} : { page: 1 }), ...change };
  const query = new URLSearchParams(q ? { q } : {});
  for (const name of [...ORDER, "sort"] as const) {
    const value = next[name];
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  if (next.page && Number(next.page) > 1) query.set("page", String(next.page));
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Return the filters that are set, in a fixed order. */
export function chipsOf(filters: Filters): Chip[] {
  return ORDER.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [{ name, value: String(value) }];
  });
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

function pageOf(value: string | undefined): number {
  const page = Number(value);
  return Number.isInteger(page) && page >= 1 ? Math.min(page, LAST_PAGE) : 1;
}
