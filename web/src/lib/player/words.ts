/** Words of the player as the server renders them, with `{names}` to fill in. */
export type Words = { [key: string]: string };

/** Return the text with its `{names}` filled in. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

type Length = "lengthHours" | "lengthHoursOnly" | "lengthMinutes" | "lengthSeconds";

/** Return a length as one says it: "2 h 15 min". */
export function lengthText(words: Record<Length, string>, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return fill(words.lengthSeconds, { seconds: whole });
  const total = Math.round(whole / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  if (hours === 0) return fill(words.lengthMinutes, { minutes });
  return fill(minutes === 0 ? words.lengthHoursOnly : words.lengthHours, { hours, minutes });
}

const UNITS = [
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** Return a position for a screen reader: "1 hour 2 minutes 5 seconds". */
export function spokenText(locale: string, seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    const name = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" });
    return count > 0 || (unit === "second" && seconds < 60) ? [name.format(count)] : [];
  });
  return parts.join(" ");
}
