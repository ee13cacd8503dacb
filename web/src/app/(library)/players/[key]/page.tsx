import type { Metadata } from "next";
import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { notFound } from "next/navigation";
import { cache } from "react";
import { Failure } from "@/components/catalogue/failure";
import { EmptyList, TitleList } from "@/components/catalogue/title-list";
import { PageHead } from "@/components/layout/page-head";
import { LinkButton } from "@/components/ui/link-button";
import { ApiFailure } from "@/lib/api/failure";
import { readPlayer } from "@/lib/api/players";
import { attempt } from "@/lib/attempt";
import { one, pageOf, type SearchParams } from "@/lib/filters";
import { lengthLabel } from "@/lib/labels";
import { pageHref } from "@/lib/page-href";

type Props = { params: Promise<{ key: string }>; searchParams: Promise<SearchParams> };

const read = cache((key: string, page: number) => attempt(readPlayer(key, page)));

async function addressOf({ params, searchParams }: Props) {
  const key = textOf((await params).key);
  return { key, page: pageOf(one(await searchParams, "page")) };
}

function textOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    notFound();
  }
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { key, page } = await addressOf(props);
  const player = await read(key, page);
  return player instanceof ApiFailure ? {} : { title: player.name };
}

export default async function PlayerPage(props: Props) {
  const { key, page } = await addressOf(props);
  const [t, duration, format, player] = await Promise.all([
    getTranslations("Players"),
    getTranslations("Duration"),
    getFormatter(),
    read(key, page),
  ]);
  if (player instanceof ApiFailure) return <Failure failure={player} />;
  const hasHands = player.hands > 0;
  const facts = [
    ["titles", player.titles > 0 && format.number(player.titles)],
    ["hands", hasHands && format.number(player.hands)],
    ["best", player.best_hands > 0 && format.number(player.best_hands)],
    ["time", hasHands && lengthLabel(duration, player.hand_seconds)],
    ["pot", player.largest_pot !== null && format.number(player.largest_pot)],
  ] as const;
  return (
    <div className="page py-8">
      <PageHead
        title={player.name}
        status={player.other_names.length > 0 ? t("also", { names: format.list(player.other_names) }) : undefined}
        above={
          <Link href="/players" prefetch={false} className="inline-flex min-h-8 items-center text-sm text-muted hover:text-accent">
            {t("title")}
          </Link>
        }
      />
      <dl className="mb-8 flex flex-wrap gap-x-10 gap-y-4">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name} className="flex flex-col-reverse">
                <dt className="text-sm text-muted">{t(`fact.${name}`)}</dt>
                <dd className="tabular text-xl font-semibold">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <h2 className="pb-3 text-lg font-semibold">{t("titlesOf")}</h2>
      <TitleList
        titles={player.items}
        page={page}
        total={player.total}
        hrefOf={(next) => pageHref(`/players/${encodeURIComponent(player.key)}`, next)}
        empty={
          <EmptyList title={t("noTitles")}>
            <LinkButton href="/players">{t("all")}</LinkButton>
          </EmptyList>
        }
      />
    </div>
  );
}
