import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, LOCALE_COOKIE, type Locale } from "./locale";
import { ZONE_COOKIE, zoneOf } from "@/lib/time-zone";
import type messages from "@/messages/en.json";

const MESSAGES: Record<Locale, () => Promise<{ default: typeof messages }>> = {
  en: () => import("@/messages/en.json"),
  ko: () => import("@/messages/ko.json"),
};

export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = chooseLocale(jar.get(LOCALE_COOKIE)?.value, head.get("accept-language"));
  return { locale, messages: (await MESSAGES[locale]()).default, timeZone: zoneOf(jar.get(ZONE_COOKIE)?.value), now: new Date() };
});
