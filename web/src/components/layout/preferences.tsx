import { cookies, headers } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import { localPath, PATH_HEADER } from "@/lib/request-path";
import { THEME_COOKIE, themeOf, THEMES } from "@/lib/theme";
import { PreferenceSwitch } from "./preference-switch";

/** Languages are named in themselves, so that one who reads no other finds them. */
const LANGUAGES = [
  { value: "ko", label: "한국어", lang: "ko" },
  { value: "en", label: "English", lang: "en" },
];

export async function Preferences() {
  const [t, locale, jar, head] = await Promise.all([getTranslations("Header"), getLocale(), cookies(), headers()]);
  const here = localPath(head.get(PATH_HEADER));
  const themes = THEMES.map((theme) => ({ value: theme, label: t(`themes.${theme}`) }));
  return (
    <>
      <PreferenceSwitch
        legend={t("theme")}
        name="theme"
        value={themeOf(jar.get(THEME_COOKIE)?.value)}
        options={themes}
        here={here}
      />
      <PreferenceSwitch key={locale} legend={t("language")} name="locale" value={locale} options={LANGUAGES} here={here} />
    </>
  );
}
