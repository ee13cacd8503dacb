import { describe, expect, it, vi } from "vitest";
import { choicesToAdopt } from "@/lib/adopted-choices";
import { markText, marksOf } from "@/lib/card-marks";
import { daysOf } from "@/lib/days";
import { pageHref } from "@/lib/page-href";
import { reachOf } from "@/lib/progress";
import { zoneOf } from "@/lib/time-zone";
import { closeToast, currentToast, showToast, subscribeToasts } from "@/lib/toasts";

const progress = (some: object) =>
  ({ progress_seconds: 0, percent: 0, completed: false, is_watched: false, watched_at: null, updated_at: "", ...some });

it.each([
  [null, 0, false],
  [progress({}), 0, false],
  [progress({ progress_seconds: 5, percent: 0.01 }), 1, false],
  [progress({ progress_seconds: 50, percent: 42.4 }), 42, false],
  [progress({ progress_seconds: 89, percent: 99.9 }), 99, false],
  [progress({ progress_seconds: 50, percent: null }), 0, false],
  [progress({ completed: true, percent: null }), 100, true],
])("shows of %o: %i percent", (given, percent, completed) => {
  expect(reachOf(given)).toEqual({ percent, completed });
});

it("passes marks through a card", () => {
  const marks = { inList: true, watched: false, inRow: true, ofList: false, inHistory: false };
  expect(markText(marks)).toBe("lr");
  expect(marksOf("lr")).toEqual(marks);
  expect(marksOf("")).toEqual({ inList: false, watched: false, inRow: false, ofList: false, inHistory: false });
});

it("groups views by day in their order", () => {
  const views = [
    { viewed_on: "2026-12-01", id: 1 },
    { viewed_on: "2026-12-01", id: 2 },
    { viewed_on: "2026-11-30", id: 1 },
  ];
  expect(daysOf(views).map(({ day, items }) => [day, items.length])).toEqual([
    ["2026-12-01", 2],
    ["2026-11-30", 1],
  ]);
});

it("writes addresses of pages", () => {
  expect(pageHref("/list", 1)).toBe("/list");
  expect(pageHref("/rows/trending", 2, { as_of: "2026-12-01T10:00:00+00:00", q: undefined })).toBe(
    "/rows/trending?as_of=2026-12-01T10%3A00%3A00%2B00%3A00&page=2",
  );
});

it.each([
  ["Asia/Seoul", "Asia/Seoul"],
  [undefined, "UTC"],
  ["Mars/Olympus", "UTC"],
  ["x".repeat(100), "UTC"],
])("takes the time zone %s as %s", (cookie, expected) => {
  expect(zoneOf(cookie)).toBe(expected);
});

describe("choicesToAdopt", () => {
  it("takes over what this browser has not chosen", () => {
    expect(choicesToAdopt({ theme: "light", language: "ko" }, () => undefined)).toEqual({ theme: "light", locale: "ko" });
  });

  it("leaves choices of this browser, and defaults", () => {
    expect(choicesToAdopt({ theme: "light", language: "ko" }, () => "x")).toEqual({});
    expect(choicesToAdopt({ theme: "dark", language: "auto" }, () => undefined)).toEqual({});
  });
});

it("shows one message at a time", () => {
  const changed = vi.fn();
  const stop = subscribeToasts(changed);
  showToast({ text: "one" });
  showToast({ text: "two" });
  expect(currentToast()?.text).toBe("two");
  closeToast();
  expect(currentToast()).toBeNull();
  expect(changed).toHaveBeenCalledTimes(3);
  stop();
});
