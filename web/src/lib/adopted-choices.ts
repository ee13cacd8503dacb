import type { MyPreferences } from "./api/viewer";
import { LOCALE_COOKIE } from "./i18n/locale";
import { THEME_COOKIE } from "./theme";

type Choices = Partial<Record<"theme" | "locale", string>>;

/** Return what a browser takes over from the account: a choice, where the browser has none of its own. */
export function choicesToAdopt(
  { theme, language }: Pick<MyPreferences, "theme" | "language">,
  cookieOf: (name: string) => string | undefined,
): Choices {
  return {
    // Dark is what a browser without a choice shows.
    ...(cookieOf(THEME_COOKIE) === undefined && theme !== "dark" ? { theme } : {}),
    ...(cookieOf(LOCALE_COOKIE) === undefined && language !== "auto" ? { locale: language } : {}),
  };
}
