"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { keepPreference, keepZone, type PreferenceName } from "@/lib/preferences";

type Props = { zone: string; adopt: Partial<Record<PreferenceName, string>> };

/**
 * Gives the server the time zone of this browser, and this browser the language and the theme of the account.
 *
 * `adopt`: what the viewer chose on another device, if this browser has no choice of its own.
 */
export function BrowserFacts({ zone, adopt }: Props) {
  const router = useRouter();
  const { theme, locale } = adopt;

  useEffect(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (here && here !== zone) keepZone(here);
    if (theme) keepPreference("theme", theme);
    if (!locale) return;
    keepPreference("locale", locale);
    router.refresh();
  }, [zone, theme, locale, router]);
  return null;
}
