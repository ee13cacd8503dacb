import { useTranslations } from "next-intl";
import { chipsOf, SORTS, type Filters } from "@/lib/filters";
import { SortSelect } from "./sort-select";

/** The order of a list. The filters stay, the page does not. */
export function SortField({ action, filters }: { action: string; filters: Filters }) {
  const t = useTranslations("Browse");
  return (
    <SortSelect
      action={action}
      label={t("sort")}
      apply={t("apply")}
      value={filters.sort ?? "-year"}
      options={SORTS.map((sort) => ({ value: sort, label: t(`sorts.${sort}`) }))}
      kept={chipsOf(filters).map(({ name, value }) => [name, value])}
    />
  );
}
