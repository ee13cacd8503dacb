import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { Pagination } from "@/components/catalogue/pagination";
import { Shelf } from "@/components/catalogue/shelf";
import { Empty } from "@/components/ui/empty";
import { readSeries } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { PAGE_SIZE, parseFilters, type SearchParams } from "@/lib/filters";
import { requireId } from "@/lib/route-id";
import { valueLabels } from "@/lib/value-labels";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> };

const read = cache((id: string, page: number) => attempt(readSeries(requireId(id), page)));

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const series = await read((await params).id, parseFilters(await searchParams).page);
  return series instanceof ApiFailure ? {} : { title: series.title };
}

export default async function SeriesPage({ params, searchParams }: Props) {
  const [{ id }, { page }] = [await params, parseFilters(await searchParams)];
  const [t, list, label, series] = await Promise.all([
    getTranslations("SeriesPage"),
    getTranslations("SeriesList"),
    valueLabels(),
    read(id, page),
  ]);
  if (series instanceof ApiFailure) return <Failure failure={series} />;
  const facts = [
    label("brand", series.brand),
    series.region && label("region", series.region),
    list("count", { count: series.total }),
  ].filter(Boolean);
  return (
    <div className="page py-8">
      <Link href="/series" prefetch={false} className="inline-flex min-h-8 items-center text-sm text-muted hover:text-accent">
        {list("title")}
      </Link>
      <h1 className="text-3xl font-semibold">{series.title}</h1>
      <p className="tabular pb-6 text-muted">{facts.join(" · ")}</p>
      {series.items.length > 0 ? (
        <Shelf titles={series.items} nameOf={(title) => title.short_title} />
      ) : (
        <Empty title={t("empty")} />
      )}
      <Pagination
        page={page}
        last={Math.ceil(series.total / PAGE_SIZE)}
        hrefOf={(next) => (next > 1 ? `/series/${id}?page=${next}` : `/series/${id}`)}
      />
    </div>
  );
}
