import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { Failure } from "@/components/catalogue/failure";
import { Pagination } from "@/components/catalogue/pagination";
import { SortSelect } from "@/components/catalogue/sort-select";
import { PageHead } from "@/components/layout/page-head";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { Input } from "@/components/ui/field";
import { LinkButton } from "@/components/ui/link-button";
import type { ListedPlayer } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { listPlayers, PLAYER_SORTS, PLAYERS_PAGE } from "@/lib/api/players";
import { attempt } from "@/lib/attempt";
import { one, pageOf, type SearchParams } from "@/lib/filters";
import { pageHref } from "@/lib/page-href";

const PATH = "/players";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Players"))("title") };
}

export default async function PlayersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams;
  const q = one(params, "q")?.replaceAll("\0", "").trim().slice(0, 200) || undefined;
  const sort = PLAYER_SORTS.find((known) => known === one(params, "sort")) ?? PLAYER_SORTS[0];
  const page = pageOf(one(params, "page"));
  const [t, browse, found] = await Promise.all([
    getTranslations("Players"),
    getTranslations("Browse"),
    attempt(listPlayers(page, sort, q)),
  ]);
  if (found instanceof ApiFailure) return <Failure failure={found} />;
  return (
    <div className="page py-8">
      <PageHead title={t("title")} status={t("count", { count: found.total })}>
        <SortSelect
          action={PATH}
          label={browse("sort")}
          apply={browse("apply")}
          value={sort}
          options={PLAYER_SORTS.map((known) => ({ value: known, label: t(`sorts.${known}`) }))}
          kept={q ? [["q", q]] : []}
        />
      </PageHead>
      <Form action={PATH} prefetch={false} className="flex max-w-md gap-2 pb-6">
        {sort !== PLAYER_SORTS[0] && <input type="hidden" name="sort" value={sort} />}
        <Input key={q} type="search" name="q" defaultValue={q} aria-label={t("find")} placeholder={t("find")} maxLength={200} autoComplete="off" />
        <Button type="submit" variant="secondary">
          {t("submit")}
        </Button>
      </Form>
      {found.items.length > 0 ? (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-6">
          {found.items.map((player) => (
            <li key={player.key}>
              <PlayerLink player={player} />
            </li>
          ))}
        </ul>
      ) : (
        <Empty title={q ? t("none", { q }) : t("empty")}>{q && <LinkButton href={PATH}>{t("all")}</LinkButton>}</Empty>
      )}
      <Pagination
        page={page}
        last={Math.ceil(found.total / PLAYERS_PAGE)}
        hrefOf={(next) => pageHref(PATH, next, { q, sort: sort === PLAYER_SORTS[0] ? undefined : sort })}
      />
    </div>
  );
}

function PlayerLink({ player }: { player: ListedPlayer }) {
  const t = useTranslations("Players");
  const facts = [player.titles > 0 && t("titles", { count: player.titles }), player.hands > 0 && t("hands", { count: player.hands })].filter(Boolean);
  return (
    <Link
      href={`${PATH}/${encodeURIComponent(player.key)}`}
      prefetch={false}
      className="group -mx-2 flex min-h-14 flex-col justify-center rounded-card border-b border-line px-2 py-2 hover:bg-raised"
    >
      <span className="text-sm font-medium group-hover:text-accent">{player.name}</span>
      <span className="tabular text-xs text-muted">{facts.join(" · ")}</span>
    </Link>
  );
}
