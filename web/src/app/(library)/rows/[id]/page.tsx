import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { EmptyList, TitleList } from "@/components/catalogue/title-list";
import { PageHead } from "@/components/layout/page-head";
import { LinkButton } from "@/components/ui/link-button";
import { readRow } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { one, pageOf, type SearchParams } from "@/lib/filters";
import { allOf } from "@/lib/hero";
import { rowLabel } from "@/lib/labels";
import { pageHref } from "@/lib/page-href";

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> };

const ID = /^[a-z_]{1,40}$/;

const read = cache((id: string, page: number, asOf?: string) => attempt(readRow(id, page, asOf)));

async function addressOf({ params, searchParams }: Props) {
  const [given, query] = [decodeURIComponent((await params).id), await searchParams];
  // Series and the list have pages of their own.
  const own = allOf({ id: given });
  if (!own.startsWith("/rows/")) redirect(own);
  if (!ID.test(given)) notFound();
  const asOf = one(query, "as_of");
  return { id: given, page: pageOf(one(query, "page")), asOf: asOf && !Number.isNaN(Date.parse(asOf)) ? asOf : undefined };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const [t, { id, page, asOf }] = [await getTranslations("Home"), await addressOf(props)];
  const row = await read(id, page, asOf);
  return row instanceof ApiFailure ? {} : { title: rowLabel(t, row) };
}

export default async function RowPage(props: Props) {
  const { id, page, asOf } = await addressOf(props);
  const [t, list, row] = await Promise.all([getTranslations("Home"), getTranslations("List"), read(id, page, asOf)]);
  if (row instanceof ApiFailure) return <Failure failure={row} />;
  return (
    <div className="page py-8">
      <PageHead title={rowLabel(t, row)} status={list("count", { count: row.total })} />
      <TitleList
        titles={row.items}
        page={page}
        total={row.total}
        hrefOf={(next) => pageHref(`/rows/${id}`, next, { as_of: row.as_of })}
        inRow={id === "continue_watching"}
        empty={
          <EmptyList title={t("rowEmpty")}>
            <LinkButton href="/">{t("title")}</LinkButton>
          </EmptyList>
        }
      />
    </div>
  );
}
