import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { FacetPanel } from "@/components/catalogue/facet-panel";
import { Failure } from "@/components/catalogue/failure";
import { FilterChips } from "@/components/catalogue/filter-chips";
import { ListStatus } from "@/components/catalogue/list-status";
import { NoMatches } from "@/components/catalogue/no-matches";
import { Pagination } from "@/components/catalogue/pagination";
import { Result } from "@/components/catalogue/result";
import { SearchField } from "@/components/catalogue/search-field";
import { SearchNotes } from "@/components/catalogue/search-notes";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { readFacets, searchTitles } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { groupsOf, preparedOf, seriesNames, type TitleFacets } from "@/lib/facet-groups";
import { chipsOf, hrefOf, one, PAGE_SIZE, parseFilters, type Filters, type SearchParams } from "@/lib/filters";
import { valueLabels } from "@/lib/value-labels";

const PATH = "/search";
// The API counts no further.
const MOST = 1000;

type Props = { searchParams: Promise<SearchParams> };

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const [t, q] = [await getTranslations("Search"), wordsOf(await searchParams)];
  return { title: q ? t("titleOf", { q }) : t("title") };
}

export default async function SearchPage({ searchParams }: Props) {
  const params = await searchParams;
  const [t, q] = [await getTranslations("Search"), wordsOf(params)];
  return (
    <div className="page py-8">
      <div className={q ? "pb-6 md:hidden" : "max-w-2xl pb-6"}>
        {!q && <h1 className="pb-4 text-3xl font-semibold">{t("title")}</h1>}
        <SearchField />
        {!q && <p className="pt-4 text-muted">{t("lead")}</p>}
      </div>
      {q && <Results q={q} filters={parseFilters(params)} />}
    </div>
  );
}

async function Results({ q, filters }: { q: string; filters: Filters }) {
  const [t, found, facets] = await Promise.all([
    getTranslations("Search"),
    attempt(searchTitles(q, filters)),
    attempt(readFacets(filters, q)),
  ]);
  if (found instanceof ApiFailure) return <Failure failure={found} />;
  const counted = facets instanceof ApiFailure ? null : facets;
  const label = await valueLabels(counted ? seriesNames(counted) : undefined);
  const prepared = await preparedTitles(q, filters, counted, found.total);
  const nothing = found.total === 0 && prepared === 0 && chipsOf(filters).length === 0;
  return (
    <>
      <h1 className="text-2xl font-semibold">{t("heading", { q })}</h1>
      <ListStatus
        count={found.total >= MOST ? t("countMany") : t("count", { count: found.total })}
        prepared={found.total > 0 ? prepared : 0}
        href={hrefOf(PATH, filters, { playable: ["all"] }, q)}
        className="pb-6"
      />
      {nothing ? (
        <Empty title={t("empty", { q })}>
          <p className="text-muted">{t("emptyHint")}</p>
          <Button asChild variant="secondary">
            <Link href="/browse">{t("browse")}</Link>
          </Button>
        </Empty>
      ) : (
        <div className="gap-10 lg:flex">
          <FacetPanel groups={counted ? groupsOf(PATH, filters, counted, q) : []} label={label} />
          <div className="mt-4 grid min-w-0 grow content-start gap-4 lg:mt-0">
            <SearchNotes {...found} corrected={found.corrected ?? null} />
            <FilterChips path={PATH} filters={filters} label={label} q={q} />
            {found.items.length > 0 ? (
              <ul className="results grid gap-2">
                {found.items.map((hit) => (
                  <li key={hit.id}>
                    <Result hit={hit} label={label} />
                  </li>
                ))}
              </ul>
            ) : (
              <NoMatches path={PATH} filters={filters} total={found.total} prepared={prepared} title={t("empty", { q })} label={label} q={q} />
            )}
            <Pagination
              page={filters.page}
              last={Math.ceil(found.total / PAGE_SIZE)}
              hrefOf={(page) => hrefOf(PATH, filters, { page }, q)}
            />
          </div>
        </div>
      )}
    </>
  );
}

/** Return how many titles match but do not play yet. */
async function preparedTitles(q: string, filters: Filters, facets: TitleFacets | null, found: number): Promise<number> {
  const counted = facets ? preparedOf(filters, facets) : 0;
  if (found > 0 || counted > 0 || filters.values.playable) return counted;
  // The search corrects typing errors, which the facets do not.
  const values = { ...filters.values, playable: ["false"] };
  const others = await attempt(searchTitles(q, { ...filters, values, page: 1 }));
  return others instanceof ApiFailure ? 0 : others.total;
}

function wordsOf(params: SearchParams): string {
  return (one(params, "q") ?? "").replaceAll("\0", "").trim().slice(0, 500);
}
