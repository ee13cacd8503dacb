import { Check, SlidersHorizontal, X } from "lucide-react";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { setCount, type FacetGroup, type FacetOption } from "@/lib/facet-groups";
import type { ValueLabel } from "@/lib/value-labels";

const SHOWN = 7;

type Props = { groups: FacetGroup[]; label: ValueLabel; children?: ReactNode };

/** Filters as links; several values of a field widen it. A column beside the list; on narrow screens a native popover, without scripts. */
export function FacetPanel({ groups, label, children }: Props) {
  const t = useTranslations("Browse");
  const set = setCount(groups);
  if (groups.length === 0 && !children) return null;
  return (
    <div className="lg:w-56 lg:shrink-0">
      <button
        type="button"
        popoverTarget="filters"
        className="inline-flex min-h-11 items-center gap-2 rounded-card border border-line-strong bg-raised px-4 text-sm lg:hidden"
      >
        <SlidersHorizontal aria-hidden className="size-4" />
        {set > 0 ? t("filtersSet", { count: set }) : t("filters")}
      </button>
      <div
        id="filters"
        popover="auto"
        className="fixed inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-80 max-w-[85vw] overflow-y-auto border-l border-line-strong bg-overlay p-4 text-text lg:static lg:block lg:h-auto lg:w-full lg:max-w-none lg:overflow-visible lg:border-0 lg:bg-transparent lg:p-0"
      >
        <div className="mb-3 flex items-center justify-between lg:hidden">
          <p className="text-lg font-semibold">{t("filters")}</p>
          <button type="button" popoverTarget="filters" popoverTargetAction="hide" aria-label={t("filters")} className="grid size-11 place-items-center">
            <X aria-hidden className="size-5" />
          </button>
        </div>
        {children}
        <nav aria-label={t("filters")} className="grid gap-6">
          {groups.map((group) => (
            <Group key={group.name} group={group} label={label} />
          ))}
        </nav>
      </div>
    </div>
  );
}

function Group({ group: { name, options }, label }: { group: FacetGroup; label: ValueLabel }) {
  const t = useTranslations("Browse");
  const hidden = options.slice(SHOWN);
  const item = (option: FacetOption) => <Value key={option.value} option={option} text={label(name, option.value)} />;
  return (
    <section aria-labelledby={`facet-${name}`}>
      <h2 id={`facet-${name}`} className="mb-1 text-sm font-semibold">
        {t(`facets.${name}`)}
      </h2>
      <ul>{options.slice(0, SHOWN).map(item)}</ul>
      {hidden.length > 0 && (
        <details open={hidden.some((option) => option.selected)}>
          <summary className="inline-flex min-h-8 items-center text-sm text-muted underline-offset-4 hover:underline">
            {t("more", { count: hidden.length })}
          </summary>
          <ul>{hidden.map(item)}</ul>
        </details>
      )}
      {name === "player" && (
        <Link href="/players" prefetch={false} className="inline-flex min-h-8 items-center text-sm text-muted underline-offset-4 hover:underline">
          {t("allPlayers")}
        </Link>
      )}
    </section>
  );
}

function Value({ option, text }: { option: FacetOption; text: string }) {
  const format = useFormatter();
  return (
    <li>
      <Link
        href={option.href}
        prefetch={false}
        scroll={false}
        aria-current={option.selected || undefined}
        className="-mx-2 flex min-h-8 items-center gap-2 rounded-card px-2 text-sm text-muted hover:bg-raised hover:text-text aria-[current]:font-medium aria-[current]:text-accent"
      >
        <span className="grow">{text}</span>
        {option.count !== null && <span className="tabular text-xs">{format.number(option.count)}</span>}
        {option.selected && <Check aria-hidden className="size-4" />}
      </Link>
    </li>
  );
}
