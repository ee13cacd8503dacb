/** Words of the player as the server renders them, with `{names}` to fill in. */
export type Words = { [key: string]: string };

/** Return the text with its `{names}` filled in. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

type Length = "lengthHours" | "lengthHoursOnly" | "lengthMinutes" | "lengthSeconds";
type Spoken = "spokenHours" | "spokenMinutes" | "spokenSeconds";

/** Return a length as one says it: "2 h 15 min". */
export function lengthText(words: Record<Length, string>, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return fill(words.lengthSeconds, { seconds: whole });
  const total = Math.round(whole / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  if (hours === 0) return fill(words.lengthMinutes, { minutes });
  return fill(minutes === 0 ? words.lengthHoursOnly : words.lengthHours, { hours, minutes });
}

/** Return a position for a screen reader: "1 hour 2 minutes 5 seconds". */
export function spokenText(words: Record<Spoken, string>, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = { hours: Math.floor(whole / 3600), minutes: Math.floor(whole / 60) % 60, seconds: whole % 60 };
  if (parts.hours > 0) return fill(words.spokenHours, parts);
  return fill(parts.minutes > 0 ? words.spokenMinutes : words.spokenSeconds, parts);
}
