import { useSyncExternalStore } from "react";
import type { Film, FilmView } from "@/lib/player/film";

/** Return a part of what the film shows, which must be a number, text or boolean. */
export function useFilm<T extends number | string | boolean | null>(film: Film, select: (view: FilmView) => T): T {
  const read = () => select(film.view);
  return useSyncExternalStore(film.subscribe, read, read);
}
