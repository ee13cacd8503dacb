import Link from "next/link";
import { useTranslations } from "next-intl";
import { RemovableChip } from "@/components/ui/chip";
import { chipsOf, hrefOf, type Chip, type Filters } from "@/lib/filters";
import { valueLabel } from "@/lib/labels";

type Props = { path: string; filters: Filters; q?: string; seriesTitle?: string };

/** The filters that are set; each can be removed, and all at once. */
export function FilterChips({ path, filters, q, seriesTitle }: Props) {
  const t = useTranslations("Browse");
  const values = useTranslations("Values");
  const chips = chipsOf(filters);
  if (chips.length === 0) return null;
  const label = ({ name, value }: Chip) => (name === "series_id" ? (seriesTitle ?? t("facets.series_id")) : valueLabel(values, name, value));
  const none = Object.fromEntries(chips.map(({ name }) => [name, null]));
  return (
    <ul aria-label={t("active")} className="flex flex-wrap items-center gap-2">
      {chips.map((chip) => (
        <li key={chip.name}>
          <RemovableChip
            href={hrefOf(path, filters, { [chip.name]: null }, q)}
            label={label(chip)}
            name={t("remove", { filter: `${t(`facets.${chip.name}`)} ${label(chip)}` })}
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
