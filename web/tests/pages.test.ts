import { describe, expect, it } from "vitest";
import { contentSecurityPolicy } from "@/lib/content-security-policy";
import { allOf, firstRows, heroOf } from "@/lib/hero";
import { localPath } from "@/lib/request-path";
import { ends, nearest } from "@/lib/row-steps";
import { themeOf } from "@/lib/theme";
import type { Home, HomeRow } from "@/lib/api/catalogue";

const row = (id: string, ...titles: string[]) =>
  ({ id, title: id, items: titles.map((title) => ({ id: title })) }) as unknown as HomeRow;

describe("heroOf", () => {
  const hero = (id: string) => ({ id }) as unknown as Home["hero"];
  const rows = [row("continue_watching", "begun"), row("main_event", "main"), row("recently_added", "new", "main")];

  it.each([
    ["begun", "resume"],
    ["main", "main_event"],
    ["new", "recent"],
  ])("knows why %s is there", (id, kind) => {
    expect(heroOf({ hero: hero(id), rows })).toMatchObject({ kind, title: { id } });
  });

  it("is nothing in an empty archive", () => {
    expect(heroOf({ hero: null, rows: [] })).toBeNull();
  });
});

it("begins home with as many rows as fit", () => {
  const wide = (id: string, count: number) => row(id, ...Array.from({ length: count }, (_, index) => `${id}${index}`));
  const rows = ["a", "b", "c", "d", "e", "f"].map((id) => wide(id, 20));
  expect(firstRows(rows).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  expect(firstRows([wide("a", 200), wide("b", 1)]).map(({ id }) => id)).toEqual(["a"]);
  expect(firstRows([])).toEqual([]);
});

it.each([
  ["series:1-2", "/series/1-2"],
  ["watchlist", "/list"],
  ["trending", "/rows/trending"],
])("links the row %s to all its titles", (id, expected) => {
  expect(allOf({ id })).toBe(expected);
});

it.each([
  ["/title/1?t=5#x", "/title/1?t=5#x"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["", "/"],
  [undefined, "/"],
])("goes on only to this site: %s", (next, expected) => {
  expect(localPath(next)).toBe(expected);
});

describe("contentSecurityPolicy", () => {
  it("lets no inline script run but those with the nonce", () => {
    const scripts = contentSecurityPolicy("abc").split("; ").find((part) => part.startsWith("script-src"));
    expect(scripts).toBe("script-src 'self' 'nonce-abc' 'strict-dynamic'");
  });

  it("is looser in development only", () => {
    expect(contentSecurityPolicy("abc")).not.toContain("unsafe-eval");
    expect(contentSecurityPolicy("abc", true)).toContain("unsafe-eval");
  });
});

it("is dark unless chosen otherwise", () => {
  expect([undefined, "neon", "light", "system"].map(themeOf)).toEqual(["dark", "dark", "light", "system"]);
});

it("finds the card below", () => {
  const boxes = [0, 100, 200].map((left) => ({ left, right: left + 90 }));
  expect(nearest({ left: 120, right: 210 }, boxes)).toBe(1);
  expect(nearest({ left: 0, right: 90 }, [])).toBe(-1);
});

it("knows both ends of a row, to the pixel", () => {
  expect(ends(0, 1000, 400)).toEqual({ back: false, forward: true });
  expect(ends(599.5, 1000, 400)).toEqual({ back: true, forward: false });
  expect(ends(0, 400, 400)).toEqual({ back: false, forward: false });
});
