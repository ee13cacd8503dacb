import { expect, it } from "vitest";
import { chooseLocale } from "@/lib/i18n/locale";

it.each([
  ["ko", "en-US", "ko"],
  ["fr", "ko-KR,ko;q=0.9,en;q=0.8", "ko"],
  [undefined, "fr-FR, en;q=0.3, ko;q=0.7", "ko"],
  [undefined, "ko;q=0, en", "en"],
  [undefined, "de", "en"],
  [undefined, "", "en"],
  [undefined, null, "en"],
  [undefined, ";;,q=,;q=x", "en"],
])("chooses of cookie %s and header %s: %s", (cookie, header, expected) => {
  expect(chooseLocale(cookie, header)).toBe(expected);
});
