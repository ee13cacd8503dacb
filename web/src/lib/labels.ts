import type { useFormatter, useTranslations } from "next-intl";
import type { FilterName } from "./filters";
import { spoken } from "./time";

type Values = ReturnType<typeof useTranslations<"Values">>;
type HomeTexts = ReturnType<typeof useTranslations<"Home">>;
type Durations = ReturnType<typeof useTranslations<"Duration">>;
type Format = ReturnType<typeof useFormatter>;

/** Return the name of a value of a filter; values that have no name are shown as they are. */
export function valueLabel(t: Values, name: FilterName, value: string | number): string {
  const key = `${name}.${value}` as Parameters<Values>[0];
  return t.has(key) ? t(key) : String(value);
}

/** Return a code that has no name, as words: `big_one` is "Big one". */
export function readable(code: string): string {
  const words = code.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Return the name of a row of home; rows of series have the name of their series. */
export function rowLabel(t: HomeTexts, { id, title }: { id: string; title: string }): string {
  const key = `rows.${id}` as Parameters<HomeTexts>[0];
  return t.has(key) ? t(key) : title;
}

/** Return a length as one says it: "2 h 15 min". */
export function lengthLabel(t: Durations, seconds: number): string {
  const { unit, ...numbers } = spoken(seconds);
  return t(unit, numbers);
}

/** Return an amount of money; without a currency, as a number. */
export function moneyLabel(format: Format, amount: number, currency: string | null): string {
  const known = currency !== null && /^[A-Z]{3}$/.test(currency);
  return format.number(amount, known ? { style: "currency", currency, maximumFractionDigits: 0 } : {});
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Return a size in bytes in the unit that suits it. */
export function sizeLabel(format: Format, bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return format.number(bytes / 1000 ** step, {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: step > 2 ? 1 : 0,
  });
}
