import "server-only";
import { partOf } from "./catalogue";
import { dataOf } from "./failure";
import { api } from "./server";

export const PLAYER_SORTS = ["-titles", "-hands", "name"] as const;
export type PlayerSort = (typeof PLAYER_SORTS)[number];

// Names are short: a page has more of them than of titles.
export const PLAYERS_PAGE = 120;

export async function listPlayers(page: number, sort: PlayerSort, q?: string) {
  const query = { limit: PLAYERS_PAGE, offset: (page - 1) * PLAYERS_PAGE, sort, q };
  return dataOf((await api()).GET("/api/players", { params: { query } }));
}

export async function readPlayer(key: string, page: number) {
  return dataOf((await api()).GET("/api/players/{key}", { params: { path: { key }, query: partOf(page) } }));
}
