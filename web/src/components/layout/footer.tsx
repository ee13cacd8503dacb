import { useTranslations } from "next-intl";

export function Footer() {
  const t = useTranslations("Footer");
  return (
    <footer className="page mt-16 border-t border-line py-6 text-sm text-muted">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p>{t("note")}</p>
        {/* eslint-disable-next-line @next/next/no-html-link-for-pages -- the API serves it, not a page of this app */}
        <a href="/docs" className="inline-flex min-h-6 items-center underline-offset-4 hover:text-text hover:underline">
          {t("api")}
        </a>
      </div>
    </footer>
  );
}
