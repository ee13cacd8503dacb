import { Bookmark } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { SavedFilter } from "@/lib/api/viewer";
import { FilterSaver, FilterRemover } from "./filter-saver";

// The API keeps no more.
const MOST = 20;

type Props = { saved: SavedFilter[]; path: string; query: string };

/** The filters that the viewer has named, and a way to name the present ones. */
export function SavedFilters({ saved, path, query }: Props) {
  const t = useTranslations("Browse");
  // Further pages are no part of a filter.
  const present = query.replace(/&?page=\d+$/, "");
  const known = saved.some((filter) => filter.query === present);
  if (saved.length === 0 && !present) return null;
  return (
    <section aria-labelledby="saved-filters" className="mb-6 grid gap-1">
      <h2 id="saved-filters" className="text-sm font-semibold">
        {t("saved")}
      </h2>
      <ul>
        {saved.map(({ name, query: text }) => (
          <li key={name} className="flex items-center">
            <Link
              href={`${path}?${text}`}
              prefetch={false}
              aria-current={text === present || undefined}
              className="-ml-2 flex min-h-9 min-w-0 grow items-center gap-2 rounded-card px-2 text-sm text-muted hover:bg-raised hover:text-text aria-[current]:font-medium aria-[current]:text-accent"
            >
              <Bookmark aria-hidden className="size-4 shrink-0" />
              <span className="truncate">{name}</span>
            </Link>
            <FilterRemover name={name} label={t("savedRemove", { name })} done={t("savedRemoved", { name })} failed={t("savedFailed")} />
          </li>
        ))}
      </ul>
      {present && !known && saved.length < MOST && (
        <FilterSaver
          query={present}
          labels={{ name: t("savedName"), save: t("savedSave"), open: t("savedOpen"), done: t("savedDone"), failed: t("savedFailed") }}
        />
      )}
    </section>
  );
}
