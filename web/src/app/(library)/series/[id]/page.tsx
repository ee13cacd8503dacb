import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { ListStatus } from "@/components/catalogue/list-status";
import { Pagination } from "@/components/catalogue/pagination";
import { Shelf } from "@/components/catalogue/shelf";
import { Empty } from "@/components/ui/empty";
import { LinkButton } from "@/components/ui/link-button";
import { readPlayableSeries, readSeries } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { one, pageOf, PAGE_SIZE, type SearchParams } from "@/lib/filters";
import { pageHref } from "@/lib/page-href";
import { requireId } from "@/lib/route-id";
import { nameInSeries } from "@/lib/title-parts";
import { valueLabels } from "@/lib/value-labels";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> };

const read = cache((id: string, page: number) => attempt(readSeries(requireId(id), page)));

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const series = await read((await params).id, pageOf(one(await searchParams, "page")));
  return series instanceof ApiFailure ? {} : { title: series.title };
}

export default async function SeriesPage({ params, searchParams }: Props) {
  const [{ id }, query] = [await params, await searchParams];
  const [page, all] = [pageOf(one(query, "page")), one(query, "playable") === "all"];
  const [t, browse, list, label, series, playable] = await Promise.all([
    getTranslations("SeriesPage"),
    getTranslations("Browse"),
    getTranslations("SeriesList"),
    valueLabels(),
    read(id, page),
    attempt(readPlayableSeries(requireId(id), page)),
  ]);
  if (series instanceof ApiFailure) return <Failure failure={series} />;
  if (playable instanceof ApiFailure) return <Failure failure={playable} />;
  const shown = all ? series : playable;
  const prepared = all ? 0 : series.total - playable.total;
  const everything = pageHref(`/series/${id}`, 1, { playable: "all" });
  const facts = [
    label("brand", series.brand),
    series.region && label("region", series.region),
    list("count", { count: shown.total }),
  ].filter(Boolean);
  return (
    <div className="page py-8">
      <Link href="/series" prefetch={false} className="inline-flex min-h-8 items-center text-sm text-muted hover:text-accent">
        {list("title")}
      </Link>
      <h1 className="text-3xl font-semibold">{series.title}</h1>
      <ListStatus count={facts.join(" · ")} prepared={shown.total > 0 ? prepared : 0} href={everything} className="pb-6" />
      {shown.items.length > 0 ? (
        <Shelf titles={shown.items} nameOf={(title) => nameInSeries(title.short_title, series.title)} />
      ) : (
        <Empty title={t("empty")}>
          {prepared > 0 && <LinkButton href={everything}>{browse("preparedShow", { count: prepared })}</LinkButton>}
        </Empty>
      )}
      <Pagination
        page={page}
        last={Math.ceil(shown.total / PAGE_SIZE)}
        hrefOf={(next) => pageHref(`/series/${id}`, next, { playable: all ? "all" : undefined })}
      />
    </div>
  );
}
