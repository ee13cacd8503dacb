import { expect, it } from "vitest";
import { clock, spoken } from "@/lib/time";

it.each([
  [0, "0:00"],
  [59.9, "0:59"],
  [245, "4:05"],
  [3723.5, "1:02:03"],
  [36_000, "10:00:00"],
  [-3, "0:00"],
])("shows %d seconds as %s", (seconds, expected) => {
  expect(clock(seconds)).toBe(expected);
});

it.each([
  [12, { unit: "seconds", hours: 0, minutes: 0, seconds: 12 }],
  [59.6, { unit: "minutes", hours: 0, minutes: 1, seconds: 0 }],
  [3569, { unit: "minutes", hours: 0, minutes: 59, seconds: 0 }],
  [3599, { unit: "hours", hours: 1, minutes: 0, seconds: 0 }],
  [8100, { unit: "hours", hours: 2, minutes: 15, seconds: 0 }],
])("says %d seconds", (seconds, expected) => {
  expect(spoken(seconds)).toEqual(expected);
});
