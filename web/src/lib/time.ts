/** Return a length as a clock shows it: `4:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export type Spoken = { unit: "hours" | "minutes" | "seconds"; hours: number; minutes: number; seconds: number };

/** Return a length as one says it, to the minute from one minute on. */
export function spoken(seconds: number): Spoken {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return { unit: "seconds", hours: 0, minutes: 0, seconds: whole };
  const total = Math.round(whole / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  return { unit: hours > 0 ? "hours" : "minutes", hours, minutes, seconds: 0 };
}
