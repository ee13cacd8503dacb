import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast, type Oklch } from "./colours";

const css = readFileSync(new URL("../src/app/tokens.css", import.meta.url), "utf8");
const COLOUR = String.raw`oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)`;
const PAIR = new RegExp(String.raw`--([\w-]+): light-dark\(${COLOUR}, ${COLOUR}\)`, "g");

const tokens = new Map<string, { light: Oklch; dark: Oklch }>();
for (const [, name = "", ...numbers] of css.matchAll(PAIR)) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers.map(Number);
  tokens.set(name, { light: [a, b, c], dark: [d, e, f] });
}

const SURFACES = ["background", "raised", "overlay", "well"];
const TEXT = ["text", "muted", "accent", "hand", "danger", "warning", "good"];
// WCAG 2.2: 1.4.3 for text, 1.4.11 for edges of fields, the focus ring and graphics.
const PAIRS: [string, string, number][] = [
  ...TEXT.flatMap((text) => SURFACES.map((surface): [string, string, number] => [text, surface, 4.5])),
  ...SURFACES.map((surface): [string, string, number] => ["line-strong", surface, 3]),
  ...["text", "muted", "accent"].map((text): [string, string, number] => [text, "accent-soft", 4.5]),
  ["on-accent", "accent", 4.5],
  ["faint", "background", 3],
  ["hand", "line", 3],
  ["accent", "line", 3],
];

it("reads every token", () => {
  expect(tokens.size).toBe(css.match(/light-dark\(/g)?.length);
});

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  it.each(PAIRS)("%s on %s has a contrast of %d", (front, back, least) => {
    const [one, other] = [tokens.get(front)?.[scheme], tokens.get(back)?.[scheme]];
    expect(one && other).toBeDefined();
    expect(contrast(one!, other!)).toBeGreaterThanOrEqual(least);
  });
});
