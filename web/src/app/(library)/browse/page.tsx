import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { FacetPanel } from "@/components/catalogue/facet-panel";
import { Failure } from "@/components/catalogue/failure";
import { FilterChips } from "@/components/catalogue/filter-chips";
import { ListStatus } from "@/components/catalogue/list-status";
import { NoMatches } from "@/components/catalogue/no-matches";
import { Pagination } from "@/components/catalogue/pagination";
import { SavedFilters } from "@/components/catalogue/saved-filters";
import { Shelf } from "@/components/catalogue/shelf";
import { SortField } from "@/components/catalogue/sort-field";
import { listTitles, readFacets } from "@/lib/api/catalogue";
import { ApiFailure } from "@/lib/api/failure";
import { attempt } from "@/lib/attempt";
import { readPreferences } from "@/lib/api/viewer";
import { groupsOf, preparedOf, seriesNames } from "@/lib/facet-groups";
import { hrefOf, PAGE_SIZE, parseFilters, queryText, type SearchParams } from "@/lib/filters";
import { valueLabels } from "@/lib/value-labels";

const PATH = "/browse";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("Browse"))("title") };
}

export default async function BrowsePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const filters = parseFilters(await searchParams);
  const [t, found, facets, preferences] = await Promise.all([
    getTranslations("Browse"),
    attempt(listTitles(filters)),
    attempt(readFacets(filters)),
    attempt(readPreferences()),
  ]);
  if (found instanceof ApiFailure) return <Failure failure={found} />;
  // Without facets the page lacks its filters, and no more.
  const counted = facets instanceof ApiFailure ? null : facets;
  const prepared = counted ? preparedOf(filters, counted) : 0;
  const label = await valueLabels(counted ? seriesNames(counted) : undefined);
  return (
    <div className="page py-8">
      <div className="flex flex-wrap items-end justify-between gap-4 pb-6">
        <div>
          <h1 className="text-3xl font-semibold">{t("title")}</h1>
          <ListStatus
            count={t("count", { count: found.total })}
            prepared={found.total > 0 ? prepared : 0}
            href={hrefOf(PATH, filters, { playable: ["all"] })}
          />
        </div>
        <SortField action={PATH} filters={filters} />
      </div>
      <div className="gap-10 lg:flex">
        <FacetPanel groups={counted ? groupsOf(PATH, filters, counted) : []} label={label}>
          {!(preferences instanceof ApiFailure) && (
            <SavedFilters saved={preferences.filters} path={PATH} query={queryText(filters)} />
          )}
        </FacetPanel>
        <div className="mt-4 grid min-w-0 grow content-start gap-6 lg:mt-0">
          <FilterChips path={PATH} filters={filters} label={label} />
          {found.items.length > 0 ? (
            <Shelf titles={found.items} />
          ) : (
            <NoMatches path={PATH} filters={filters} total={found.total} prepared={prepared} title={t("empty")} label={label} />
          )}
          <Pagination
            page={filters.page}
            last={Math.ceil(found.total / PAGE_SIZE)}
            hrefOf={(page) => hrefOf(PATH, filters, { page })}
          />
        </div>
      </div>
    </div>
  );
}
