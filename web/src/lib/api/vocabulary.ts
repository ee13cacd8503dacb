import "server-only";
import { dataOf } from "./failure";
import type { components } from "./schema";
import { api } from "./server";

export type Vocabulary = components["schemas"]["Vocabulary"];

// The API allows an hour.
const KEPT_MS = 3_600_000;
let kept: { until: number; vocabulary: Vocabulary } | null = null;

/** Return the codes and their names. They are the same for everyone, so this process keeps them. */
export async function readVocabulary(): Promise<Vocabulary> {
  if (kept && kept.until > Date.now()) return kept.vocabulary;
  const vocabulary = await dataOf((await api()).GET("/api/vocabulary"));
  kept = { until: Date.now() + KEPT_MS, vocabulary };
  return vocabulary;
}
