import { describe, expect, it } from "vitest";
import type { components } from "@/lib/api/schema";
import { chipsOf, hrefOf, pagesAround, parseFilters, queryOf, without, type SearchParams } from "@/lib/filters";
import { groupsOf, preparedOf, seriesNames, setCount } from "@/lib/facet-groups";

const SERIES = "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33";

describe("parseFilters", () => {
  it("reads what the API takes", () => {
    const params = { brand: " WSOP ", year: ["2024", "2023"], quality: "4k", playable: "all", sort: "-added", page: "3" };
    expect(parseFilters(params)).toEqual({
      values: { brand: ["WSOP"], year: ["2024", "2023"], quality: ["4k"], playable: ["all"] },
      sort: "-added",
      page: 3,
    });
  });

  it.each([
    { year: "20245" },
    { year: "-1" },
    { quality: "8k" },
    { region: "mars" },
    { watched: "never" },
    { buy_in: "10k" },
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
    expect(parseFilters(params as SearchParams)).toEqual({ values: {}, page: 1 });
  });

  it("keeps the valid ones of several values, each once", () => {
    expect(parseFilters({ region: ["europe", "mars", "europe", "apac"] }).values.region).toEqual(["europe", "apac"]);
    expect(parseFilters({ playable: ["all", "false"] }).values.playable).toEqual(["all"]);
  });

  it("takes no more values than the API", () => {
    const years = Array.from({ length: 60 }, (_, index) => String(1960 + index));
    expect(parseFilters({ year: years }).values.year).toHaveLength(50);
  });

  it("bounds the page", () => {
    expect(parseFilters({ page: "999999999" }).page).toBe(100_000);
  });
});

it("asks the API for numbers where it wants numbers", () => {
  const query = queryOf(parseFilters({ year: ["2024", "2023"], buy_in: "10000", playable: "all", player: "Ann, B" }));
  expect(query).toEqual({ year: [2024, 2023], buy_in: [10000], playable: "all", player: ["Ann, B"] });
});

describe("hrefOf", () => {
  const filters = parseFilters({ brand: "WSOP", year: ["2024", "2023"], sort: "title", page: "4" });

  it("begins at page 1 after a change", () => {
    expect(hrefOf("/browse", filters, { game: ["PLO"] })).toBe("/browse?brand=WSOP&year=2024&year=2023&game=PLO&sort=title");
  });

  it("removes one value of several", () => {
    expect(hrefOf("/browse", filters, without(filters, { name: "year", value: "2024" }))).toBe(
      "/browse?brand=WSOP&year=2023&sort=title",
    );
  });

  it("removes what is empty", () => {
    expect(hrefOf("/browse", filters, { brand: [], year: [], sort: null })).toBe("/browse");
  });

  it("keeps the words of a search and goes to a page", () => {
    expect(hrefOf("/search", parseFilters({ brand: "WSOP" }), { page: 2 }, "a & b")).toBe("/search?q=a+%26+b&brand=WSOP&page=2");
  });

  it("is read back as it was", () => {
    const changed = { ...filters, values: { ...filters.values, player: ["Müller, J", "Ann"] } };
    const query = new URL(hrefOf("/browse", changed, { page: 4 }), "http://host").searchParams;
    const params = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
    expect(parseFilters(params)).toEqual(changed);
  });
});

it("lists the values that are set in a fixed order", () => {
  const chips = chipsOf(parseFilters({ player: "Ann", year: ["2024", "2023"], brand: "WSOP", sort: "title" }));
  expect(chips.map(({ name, value }) => `${name} ${value}`)).toEqual(["brand WSOP", "year 2024", "year 2023", "player Ann"]);
});

describe("groupsOf", () => {
  const empty = Object.fromEntries(
    ["brand", "region", "year", "event_type", "event", "game", "buy_in", "stage", "content_type", "quality"].map((name) => [name, []]),
  );
  const facets = (some: Partial<components["schemas"]["TitleFacets"]>) =>
    ({ ...empty, player: [], series: [], playable: [], watched: [], total: 0, ...some }) as components["schemas"]["TitleFacets"];
  const years = facets({ year: [2025, 2024, 2023].map((value) => ({ value, count: 3 })) });

  it("adds a value, and removes one that is set", () => {
    const [group] = groupsOf("/browse", parseFilters({ year: ["2024", "2023"] }), years);
    expect(group?.options.map(({ href, selected }) => [href, selected])).toEqual([
      ["/browse?year=2024&year=2023&year=2025", false],
      ["/browse?year=2023", true],
      ["/browse?year=2024", true],
    ]);
  });

  it("keeps a value that no title has any more", () => {
    const [group] = groupsOf("/browse", parseFilters({ year: "1999" }), years);
    expect(group?.options.at(-1)).toMatchObject({ value: "1999", count: null, selected: true });
  });

  it("shows a selected value of a long list", () => {
    const many = facets({ player: Array.from({ length: 40 }, (_, index) => ({ value: `P${index}`, count: 1 })) });
    const [group] = groupsOf("/browse", parseFilters({ player: "P30" }), many);
    expect(group?.options.map(({ value }) => value)).toContain("P30");
    expect(group?.options).toHaveLength(17);
  });

  it("offers no field without a choice", () => {
    expect(groupsOf("/browse", parseFilters({}), facets({ game: [{ value: "PLO", count: 3 }] }))).toEqual([]);
  });

  it("offers what is being prepared, one choice at a time", () => {
    const both = facets({ playable: [{ value: "true", count: 8 }, { value: "false", count: 2 }] });
    const [group] = groupsOf("/browse", parseFilters({ playable: "false" }), both);
    expect(group?.options.map(({ value, count, href }) => [value, count, href])).toEqual([
      ["true", 8, "/browse"],
      ["false", 2, "/browse?playable=false"],
      ["all", 10, "/browse?playable=all"],
    ]);
  });

  it("shows what plays unless chosen otherwise, and does not call that a filter", () => {
    const both = facets({ playable: [{ value: "true", count: 8 }, { value: "false", count: 2 }] });
    const groups = groupsOf("/browse", parseFilters({}), both);
    expect(groups[0]?.options.find(({ selected }) => selected)?.value).toBe("true");
    expect(setCount(groups)).toBe(0);
    expect(preparedOf(parseFilters({}), both)).toBe(2);
    expect(preparedOf(parseFilters({ playable: "all" }), both)).toBe(0);
  });

  it("leads to no empty list", () => {
    const none = facets({ playable: [{ value: "false", count: 2 }] });
    const [group] = groupsOf("/browse", parseFilters({ playable: "all" }), none);
    expect(group?.options.map(({ value }) => value)).toEqual(["false", "all"]);
  });

  it("offers years from the newest, all of them", () => {
    const many = facets({ year: Array.from({ length: 30 }, (_, index) => ({ value: 1996 + index, count: index })) });
    const [group] = groupsOf("/browse", parseFilters({}), many);
    expect(group?.options.map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, index) => String(2025 - index)));
  });

  it("names series", () => {
    expect(seriesNames(facets({ series: [{ value: SERIES, name: "WSOP 2024", count: 1 }] })).get(SERIES)).toBe("WSOP 2024");
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
