import "server-only";
import { dataOf } from "./failure";
import type { components } from "./schema";
import { api } from "./server";
import { PAGE_SIZE, type Filters } from "@/lib/filters";

type Schemas = components["schemas"];
export type Listed = Schemas["Listed"];
export type HomeTitle = Schemas["HomeTitle"];
export type HomeRow = Schemas["Row"];
export type Hit = Schemas["Hit"];
export type Facets = Schemas["Facets"];
export type Title = Schemas["Title"];
export type TitleFile = Schemas["File"];
export type Hand = Schemas["Hand"];
export type Neighbour = Schemas["Neighbour"];
export type StreamInfo = Schemas["StreamInfo"];
export type Series = Schemas["Shelf"];

export async function readHome() {
  return dataOf((await api()).GET("/api/home"));
}

/** Return a page of the titles that the filters select. */
export async function listTitles({ page, sort, ...query }: Filters) {
  const part = { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  return dataOf((await api()).GET("/api/contents", { params: { query: { ...query, ...part, sort } } }));
}

/** Return a page of what a search finds, and the values to narrow it by. */
export async function searchTitles(q: string, { page, ...filters }: Filters) {
  const query = { ...filters, sort: undefined, q, facets: true, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  return dataOf((await api()).GET("/api/search", { params: { query } }));
}

export async function listSeries(query: { brand?: string; limit?: number; offset?: number } = {}) {
  return dataOf((await api()).GET("/api/series", { params: { query: { limit: 200, ...query } } }));
}

export async function readSeries(id: string, page: number) {
  const query = { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  return dataOf((await api()).GET("/api/series/{series_id}", { params: { path: { series_id: id }, query } }));
}

export async function readTitle(id: string) {
  return dataOf((await api()).GET("/api/contents/{content_id}", { params: { path: { content_id: id } } }));
}

/** Return what a player has to know of a title: whether it plays, and what its hands save. */
export async function readStreamInfo(id: string) {
  return dataOf((await api()).GET("/api/stream/{content_id}/info", { params: { path: { content_id: id } } }));
}
