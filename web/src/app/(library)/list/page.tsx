import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Failure } from "@/components/catalogue/failure";
import { EmptyList, TitleList } from "@/components/catalogue/title-list";
import { PageHead } from "@/components/layout/page-head";
import { LinkButton } from "@/components/ui/link-button";
import { ApiFailure } from "@/lib/api/failure";
import { readList } from "@/lib/api/viewer";
import { attempt } from "@/lib/attempt";
import { one, pageOf, type SearchParams } from "@/lib/filters";
import { pageHref } from "@/lib/page-href";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("List"))("title") };
}

export default async function ListPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const page = pageOf(one(await searchParams, "page"));
  const [t, list] = await Promise.all([getTranslations("List"), attempt(readList(page))]);
  if (list instanceof ApiFailure) return <Failure failure={list} />;
  return (
    <div className="page py-8">
      <PageHead title={t("title")} status={t("count", { count: list.total })} />
      <TitleList
        titles={list.items}
        page={page}
        total={list.total}
        ofList
        hrefOf={(next) => pageHref("/list", next)}
        empty={
          <EmptyList title={t("empty")} hint={t("emptyHint")}>
            <LinkButton href="/browse">{t("browse")}</LinkButton>
          </EmptyList>
        }
      />
    </div>
  );
}
