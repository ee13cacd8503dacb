import "server-only";
import { ApiFailure, dataOf } from "./failure";
import type { components } from "./schema";
import { api } from "./server";
import { PAGE_SIZE, queryOf, type Filters } from "@/lib/filters";

type Schemas = components["schemas"];
export type Listed = Schemas["Listed"];
export type Home = Schemas["Home"];
export type HomeRow = Schemas["Row"];
export type Hit = Schemas["Hit"];
export type Title = Schemas["Title"];
export type TitleFile = Schemas["File"];
export type Hand = Schemas["Hand"];
export type Neighbour = Schemas["Neighbour"];
export type StreamInfo = Schemas["StreamInfo"];
export type Series = Schemas["Shelf"];
export type ListedPlayer = Schemas["ListedPlayer"];
export type OnePlayer = Schemas["OnePlayer"];

/** Return the part of a list that a page shows. */
export const partOf = (page: number) => ({ limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE });

export async function readHome() {
  return dataOf((await api()).GET("/api/home"));
}

/** Return a page of a row. `asOf` of the first page keeps the others in the same order. */
export async function readRow(id: string, page: number, asOf?: string) {
  const params = { path: { row_id: id }, query: { ...partOf(page), as_of: asOf } };
  return dataOf((await api()).GET("/api/home/rows/{row_id}", { params }));
}

/** Return a page of the titles that the filters select. */
export async function listTitles(filters: Filters) {
  const query = { ...queryOf(filters), ...partOf(filters.page), sort: filters.sort };
  return dataOf((await api()).GET("/api/contents", { params: { query } }));
}

/** Return the values to filter by, of all titles or of those that a search finds. */
export async function readFacets(filters: Filters, q?: string) {
  return dataOf((await api()).GET("/api/facets", { params: { query: { ...queryOf(filters), q } } }));
}

/** Return a page of what a search finds. */
export async function searchTitles(q: string, filters: Filters) {
  const query = { ...queryOf(filters), ...partOf(filters.page), q };
  return dataOf((await api()).GET("/api/search", { params: { query } }));
}

export async function listSeries(query: { playable?: "true" | "all" } = {}) {
  return dataOf((await api()).GET("/api/series", { params: { query: { limit: 200, ...query } } }));
}

/** Return a page of a series with all its titles. */
export async function readSeries(id: string, page: number) {
  const params = { path: { series_id: id }, query: { ...partOf(page), playable: "all" as const } };
  return dataOf((await api()).GET("/api/series/{series_id}", { params }));
}

/** Return a page of the titles of a series that play. For a series without any, the API responds 404. */
export async function readPlayableSeries(id: string, page: number) {
  const params = { path: { series_id: id }, query: partOf(page) };
  try {
    const { items, total } = await dataOf((await api()).GET("/api/series/{series_id}", { params }));
    return { items, total };
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return { items: [], total: 0 };
    throw error;
  }
}

export async function readTitle(id: string) {
  return dataOf((await api()).GET("/api/contents/{content_id}", { params: { path: { content_id: id } } }));
}

/** Return what a player has to know of a title: whether it plays, and what its hands save. */
export async function readStreamInfo(id: string) {
  return dataOf((await api()).GET("/api/stream/{content_id}/info", { params: { path: { content_id: id } } }));
}
