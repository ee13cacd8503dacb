import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { HomeRow } from "@/lib/api/catalogue";
import { cn } from "@/lib/cn";
import { allOf } from "@/lib/hero";
import { rowLabel } from "@/lib/labels";
import { nameInSeries } from "@/lib/title-parts";
import { Card } from "./card";

const EAGER = 6;

type Props = { row: HomeRow; place: number };

/** Titles side by side. The buttons and the arrow keys work through `RowNavigator`. */
export function Row({ row, place }: Props) {
  const t = useTranslations("Home");
  const name = rowLabel(t, row);
  const ofSeries = row.id.startsWith("series:");
  return (
    <section aria-labelledby={`row-${place}`} data-row-section className={cn("group/row", place > 1 && "deferred")}>
      <div className="page flex items-center gap-4">
        <h2 id={`row-${place}`} className="truncate text-lg font-semibold">
          {name}
        </h2>
        <Link
          href={allOf(row)}
          prefetch={false}
          aria-label={t("seeAllOf", { row: name })}
          className="inline-flex min-h-11 shrink-0 items-center text-sm text-muted hover:text-accent"
        >
          {t("seeAll")}
        </Link>
        <div className="ml-auto hidden gap-1 md:scripted:flex md:has-[:disabled~:disabled]:invisible">
          <RowButton to="back" label={t("back", { row: name })} />
          <RowButton to="forward" label={t("forward", { row: name })} />
        </div>
      </div>
      <ul data-row className="rail">
        {row.items.map((title, index) => (
          <li key={title.id} className="snap-start">
            <Card
              title={title}
              name={ofSeries ? nameInSeries(title.short_title, row.title) : title.title}
              eager={place === 0 && index < EAGER}
              inRow={row.id === "continue_watching"}
              ofList={row.id === "watchlist"}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RowButton({ to, label }: { to: "back" | "forward"; label: string }) {
  const Icon = to === "back" ? ChevronLeft : ChevronRight;
  return (
    <button
      type="button"
      data-row-button={to}
      aria-label={label}
      className="grid size-11 place-items-center rounded-card text-muted hover:bg-raised hover:text-text disabled:opacity-30"
    >
      <Icon aria-hidden className="size-5" />
    </button>
  );
}
