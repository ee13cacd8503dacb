import type { Metadata } from "next";
import { cookies } from "next/headers";
import { getFormatter, getTranslations } from "next-intl/server";
import { HistoryClearer } from "@/components/actions/history-clearer";
import { Failure } from "@/components/catalogue/failure";
import { Pagination } from "@/components/catalogue/pagination";
import { Shelf } from "@/components/catalogue/shelf";
import { EmptyList } from "@/components/catalogue/title-list";
import { PageHead } from "@/components/layout/page-head";
import { LinkButton } from "@/components/ui/link-button";
import { ApiFailure } from "@/lib/api/failure";
import { readHistory } from "@/lib/api/viewer";
import { attempt } from "@/lib/attempt";
import { daysOf } from "@/lib/days";
import { one, PAGE_SIZE, pageOf, type SearchParams } from "@/lib/filters";
import { pageHref } from "@/lib/page-href";
import { ZONE_COOKIE, zoneOf } from "@/lib/time-zone";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("History"))("title") };
}

export default async function HistoryPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const page = pageOf(one(await searchParams, "page"));
  const zone = zoneOf((await cookies()).get(ZONE_COOKIE)?.value);
  const [t, format, history] = await Promise.all([
    getTranslations("History"),
    getFormatter(),
    attempt(readHistory(page, zone)),
  ]);
  if (history instanceof ApiFailure) return <Failure failure={history} />;
  const clear = { open: t("clear"), question: t("clearQuestion"), confirm: t("clearConfirm"), cancel: t("cancel"), done: t("cleared"), failed: t("failed") };
  return (
    <div className="page py-8">
      <PageHead title={t("title")} status={t("lead")}>
        {history.total > 0 && <HistoryClearer labels={clear} />}
      </PageHead>
      {history.items.length === 0 && (
        <EmptyList title={t("empty")}>
          <LinkButton href="/browse">{t("browse")}</LinkButton>
        </EmptyList>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        {daysOf(history.items).map(({ day, items }) => (
          <section key={day} aria-labelledby={`day-${day}`}>
            <h2 id={`day-${day}`} className="pb-3 text-lg font-semibold">
              {/* The day is already that of the viewer. */}
              {format.dateTime(new Date(day), { dateStyle: "full", timeZone: "UTC" })}
            </h2>
            <Shelf titles={items} inHistory />
          </section>
        ))}
      </div>
      <Pagination page={page} last={Math.ceil(history.total / PAGE_SIZE)} hrefOf={(next) => pageHref("/history", next)} />
    </div>
  );
}
