import { describe, expect, it } from "vitest";
import { covered, savingOf } from "@/lib/savings";

const interval = (start_seconds: number, end_seconds: number) => ({ start_seconds, end_seconds });

describe("savingOf", () => {
  it("returns what is left out, in seconds and percent", () => {
    expect(savingOf(7200, 1800)).toEqual({ total: 7200, play: 1800, saved: 5400, percent: 75 });
  });

  it.each([
    [null, 100],
    [100, null],
    [100, 0],
    [100, 100],
    [100, 120],
  ])("returns nothing for %s of which %s is play", (total, play) => {
    expect(savingOf(total, play)).toBeNull();
  });
});

it("counts overlapping hands once", () => {
  expect(covered([interval(50, 60), interval(0, 10), interval(5, 20), interval(6, 8)])).toBe(30);
  expect(covered([])).toBe(0);
});
