import type { Metadata } from "next";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { CARD_SIZES } from "@/components/catalogue/card";
import { Failure } from "@/components/catalogue/failure";
import { Poster } from "@/components/catalogue/poster";
import { Empty } from "@/components/ui/empty";
import { listSeries, type Series } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { coverOf } from "@/lib/api/pictures";
import { attempt } from "@/lib/attempt";
import { valueLabels } from "@/lib/value-labels";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("SeriesList"))("title") };
}

export default async function SeriesListPage() {
  const [t, found, playable, label] = await Promise.all([
    getTranslations("SeriesList"),
    attempt(listSeries({ playable: "all" })),
    attempt(listSeries()),
    valueLabels(),
  ]);
  if (found instanceof ApiFailure) return <Failure failure={found} />;
  if (playable instanceof ApiFailure) return <Failure failure={playable} />;
  const plays = new Map(playable.items.map(({ id, titles }) => [id, titles]));
  const brands = [...brandSizes(found.items)].sort(([, one], [, other]) => other - one).map(([brand]) => brand);
  return (
    <div className="page grid gap-10 py-8">
      <h1 className="text-3xl font-semibold">{t("title")}</h1>
      {brands.length === 0 && <Empty title={t("empty")} />}
      {brands.map((brand) => (
        <BrandSection
          key={brand}
          brand={brand}
          name={label("brand", brand)}
          series={found.items.filter((series) => series.brand === brand)}
          plays={plays}
        />
      ))}
    </div>
  );
}

/** Return how many titles each show has. */
function brandSizes(series: Series[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { brand, titles } of series) sizes.set(brand, (sizes.get(brand) ?? 0) + titles);
  return sizes;
}

type SectionProps = { brand: string; name: string; series: Series[]; plays: ReadonlyMap<string, number> };

function BrandSection({ brand, name, series, plays }: SectionProps) {
  return (
    <section aria-labelledby={`brand-${brand}`}>
      <h2 id={`brand-${brand}`} className="pb-3 text-lg font-semibold">
        {name}
      </h2>
      <ul className="shelf">
        {series.map((one) => (
          <li key={one.id}>
            <SeriesCard series={one} plays={plays.get(one.id) ?? 0} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `plays`: how many of its titles play. */
function SeriesCard({ series, plays }: { series: Series; plays: number }) {
  const [t, card] = [useTranslations("SeriesList"), useTranslations("Card")];
  const prepared = series.titles - plays;
  const facts = [plays > 0 && t("count", { count: plays }), prepared > 0 && t("prepared", { count: prepared })].filter(Boolean);
  return (
    <Link href={`/series/${series.id}`} prefetch={false} className="card">
      <Poster picture={coverOf(series)} sizes={CARD_SIZES} missing={card("noPicture")} />
      <span className="card-text">
        <span className="card-name">{`${series.title} `}</span>
        <span className="card-facts">{facts.join(" · ")}</span>
      </span>
    </Link>
  );
}
