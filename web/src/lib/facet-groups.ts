import { FACETS, hrefOf, type FacetName, type Filters } from "./filters";

export type FacetOption = { value: string | number; count: number | null; href: string; selected: boolean };
export type FacetGroup = { name: FacetName; options: FacetOption[] };
export type FacetValues = Partial<Record<FacetName, readonly { value: string | number; count: number | null }[]>>;

/** Return the groups to offer: fields with a choice, or with a value that is set. */
export function groupsOf(path: string, filters: Filters, values: FacetValues, q?: string): FacetGroup[] {
  return FACETS.map((name) => ({
    name,
    options: (values[name] ?? []).map(({ value, count }) => {
      const selected = String(filters[name]) === String(value);
      return { value, count, selected, href: hrefOf(path, filters, { [name]: selected ? null : value }, q) };
    }),
  })).filter(({ options }) => options.length > 1 || options.some((option) => option.selected));
}
