import { describe, expect, it } from "vitest";
import { chipsOf, hrefOf, pagesAround, parseFilters, type SearchParams } from "@/lib/filters";
import { groupsOf } from "@/lib/facet-groups";

describe("parseFilters", () => {
  it("reads what the API takes", () => {
    const params = { brand: " WSOP ", year: "2024", quality: "4k", playable: "all", sort: "-added", page: "3" };
    expect(parseFilters(params)).toEqual({
      brand: "WSOP",
      year: 2024,
      quality: "4k",
      playable: "all",
      sort: "-added",
      page: 3,
    });
  });

  it.each([
    { year: "20245" },
    { year: "-1" },
    { quality: "8k" },
    { sort: "views" },
    { series_id: "1; drop table" },
    { playable: "true" },
    { brand: "" },
    { brand: "a\0b" },
    { player: "x".repeat(301) },
    { page: "0" },
    { page: "1.5" },
    { page: "NaN" },
    { unknown: "x" },
  ])("leaves out what it would refuse: %o", (params) => {
    expect(parseFilters(params as SearchParams)).toEqual({ page: 1 });
  });

  it("takes the first of several values", () => {
    expect(parseFilters({ brand: ["WSOP", "PAD"] }).brand).toBe("WSOP");
  });

  it("bounds the page", () => {
    expect(parseFilters({ page: "999999999" }).page).toBe(100_000);
  });
});

describe("hrefOf", () => {
  const filters = parseFilters({ brand: "WSOP", year: "2024", sort: "title", page: "4" });

  it("begins at page 1 after a change", () => {
    expect(hrefOf("/browse", filters, { game: "PLO" })).toBe("/browse?brand=WSOP&year=2024&game=PLO&sort=title");
  });

  it("removes what is null", () => {
    expect(hrefOf("/browse", filters, { brand: null, year: null, sort: null })).toBe("/browse");
  });

  it("keeps the words of a search and goes to a page", () => {
    expect(hrefOf("/search", filters, { page: 2 }, "a & b")).toBe(
      "/search?q=a+%26+b&brand=WSOP&year=2024&sort=title&page=2",
    );
  });

  it("is read back as it was", () => {
    const text = hrefOf("/browse", filters, { player: "Müller, J", page: 4 });
    const params = Object.fromEntries(new URL(text, "http://host").searchParams);
    expect(parseFilters(params)).toEqual({ ...filters, player: "Müller, J" });
  });
});

it("lists the filters that are set in a fixed order", () => {
  const chips = chipsOf(parseFilters({ player: "Ann", year: "2024", brand: "WSOP", sort: "title" }));
  expect(chips.map(({ name }) => name)).toEqual(["brand", "year", "player"]);
});

describe("groupsOf", () => {
  const filters = parseFilters({ year: "2024" });
  const [years] = groupsOf("/browse", filters, { year: [2025, 2024].map((value) => ({ value, count: null })) });

  it("turns a value that is set off again", () => {
    expect(years?.options.map(({ href, selected }) => [href, selected])).toEqual([
      ["/browse?year=2025", false],
      ["/browse", true],
    ]);
  });

  it("offers no field without a choice", () => {
    expect(groupsOf("/browse", filters, { game: [{ value: "PLO", count: 3 }] })).toEqual([]);
  });
});

it.each([
  [1, 1, [1]],
  [1, 3, [1, 2, 3]],
  [5, 9, [1, null, 4, 5, 6, null, 9]],
  [9, 9, [1, null, 8, 9]],
])("offers pages around %i of %i", (page, last, expected) => {
  expect(pagesAround(page, last)).toEqual(expected);
});
