import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Failure } from "@/components/catalogue/failure";
import { HeroStage } from "@/components/catalogue/hero-stage";
import { MoreRows } from "@/components/catalogue/more-rows";
import { Row } from "@/components/catalogue/row";
import { RowNavigator } from "@/components/catalogue/row-navigator";
import { Empty } from "@/components/ui/empty";
import { readHome } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { one, type SearchParams } from "@/lib/filters";
import { firstRows, heroOf } from "@/lib/hero";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Home"))("title") };
}

export default async function HomePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [t, home, params] = await Promise.all([getTranslations("Home"), attempt(readHome()), searchParams]);
  if (home instanceof ApiFailure) return <Failure failure={home} />;
  const hero = heroOf(home);
  if (!hero) {
    return (
      <div className="page py-10">
        <h1 className="sr-only">{t("title")}</h1>
        <Empty title={t("empty")} />
      </div>
    );
  }
  const rows = one(params, "rows") === "all" ? home.rows : firstRows(home.rows);
  return (
    <>
      <HeroStage hero={hero} />
      <RowNavigator className="grid grid-cols-[minmax(0,1fr)] gap-6 pt-6">
        {rows.map((row, place) => (
          <Row key={row.id} row={row} place={place} />
        ))}
        {rows.length < home.rows.length && <MoreRows href="/?rows=all" label={t("more")} />}
      </RowNavigator>
    </>
  );
}
