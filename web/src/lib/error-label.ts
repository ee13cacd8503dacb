import type { useTranslations } from "next-intl";

type Errors = ReturnType<typeof useTranslations<"Errors">>;

/** Return the sentence for an error code of the API. */
export function errorLabel(t: Errors, code: string): string {
  const key = code as Parameters<Errors>[0];
  return /^[A-Z_]+$/.test(code) && t.has(key) ? t(key) : t("other");
}
