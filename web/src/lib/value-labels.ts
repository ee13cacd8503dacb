import "server-only";
import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { ApiFailure } from "./api/failure";
import { readVocabulary, type Vocabulary } from "./api/vocabulary";
import type { FilterName } from "./filters";
import { readable, valueLabel } from "./labels";

export type ValueLabel = (name: FilterName, value: string | number) => string;

// Sets that grow without a change of the API; the closed ones are in the messages.
const OPEN = { brand: "brands", game: "games", event: "events" } as const satisfies Partial<Record<FilterName, keyof Vocabulary>>;

/** Return the function that names values of filters. `series`: names by id. */
export async function valueLabels(series: ReadonlyMap<string, string> = new Map()): Promise<ValueLabel> {
  const [t, browse, locale, format, names] = await Promise.all([
    getTranslations("Values"),
    getTranslations("Browse"),
    getLocale(),
    getFormatter(),
    readNames(),
  ]);
  return (name, value) => {
    if (name === "series_id") return series.get(String(value)) ?? browse("facets.series_id");
    if (name === "buy_in") return format.number(Number(value));
    return names.get(`${name} ${value}`)?.[locale] ?? valueLabel(t, name, name in OPEN ? readable(String(value)) : value);
  };
}

/** Return the names of open sets; without the API, codes are shown as they are. */
async function readNames() {
  try {
    const vocabulary = await readVocabulary();
    const sets = Object.entries(OPEN).flatMap(([name, set]) => vocabulary[set].map((code) => [`${name} ${code.code}`, code] as const));
    return new Map(sets);
  } catch (error) {
    if (error instanceof ApiFailure) return new Map<string, Vocabulary["games"][number]>();
    throw error;
  }
}
