import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { FailureText } from "@/components/layout/failure-text";
import { OfflineBar } from "@/components/layout/offline-bar";
import { THEME_COOKIE, themeOf } from "@/lib/theme";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("App");
  return {
    title: { default: t("name"), template: `%s · ${t("name")}` },
    description: t("description"),
    robots: { index: false, follow: false },
    referrer: "same-origin",
  };
}

export async function generateViewport(): Promise<Viewport> {
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value);
  const [dark, light] = ["#0c0f13", "#fbfaf7"];
  if (theme !== "system") return { themeColor: theme === "dark" ? dark : light };
  return {
    themeColor: [
      { media: "(prefers-color-scheme: dark)", color: dark },
      { media: "(prefers-color-scheme: light)", color: light },
    ],
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, jar, t] = await Promise.all([getLocale(), cookies(), getTranslations()]);
  const failure = {
    title: t("Failure.title"),
    text: t("Failure.text"),
    retry: t("Failure.retry"),
    home: t("Failure.home"),
    reference: t.raw("Failure.reference") as string,
  };
  return (
    <html lang={locale} data-theme={themeOf(jar.get(THEME_COOKIE)?.value)}>
      <body className="flex min-h-dvh flex-col">
        <a
          href="#content"
          className="absolute top-2 left-2 z-30 -translate-y-20 rounded-card bg-accent px-4 py-2.5 text-on-accent focus:translate-y-0"
        >
          {t("App.skip")}
        </a>
        <FailureText text={failure}>{children}</FailureText>
        <OfflineBar text={t("App.offline")} />
      </body>
    </html>
  );
}
