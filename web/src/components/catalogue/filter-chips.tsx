import Link from "next/link";
import { useTranslations } from "next-intl";
import { RemovableChip } from "@/components/ui/chip";
import { chipsOf, hrefOf, without, type Filters } from "@/lib/filters";
import type { ValueLabel } from "@/lib/value-labels";

type Props = { path: string; filters: Filters; label: ValueLabel; q?: string };

/** The values that are set; each can be removed, and all at once. */
export function FilterChips({ path, filters, label, q }: Props) {
  const t = useTranslations("Browse");
  const chips = chipsOf(filters);
  if (chips.length === 0) return null;
  const none = Object.fromEntries(chips.map(({ name }) => [name, []]));
  return (
    <ul aria-label={t("active")} className="flex flex-wrap items-center gap-2">
      {chips.map((chip) => (
        <li key={`${chip.name} ${chip.value}`}>
          <RemovableChip
            href={hrefOf(path, filters, without(filters, chip), q)}
            // “All” alone is unclear.
            label={chip.name === "playable" ? `${t("facets.playable")}: ${label(chip.name, chip.value)}` : label(chip.name, chip.value)}
            name={t("remove", { filter: `${t(`facets.${chip.name}`)} ${label(chip.name, chip.value)}` })}
          />
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Link
            href={hrefOf(path, filters, none, q)}
            prefetch={false}
            className="inline-flex min-h-9 items-center px-2 text-sm text-muted underline-offset-4 hover:text-text hover:underline"
          >
            {t("clear")}
          </Link>
        </li>
      )}
    </ul>
  );
}
