import { describe, expect, it } from "vitest";
import en from "@/messages/en.json";
import ko from "@/messages/ko.json";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

/** Return the names of the arguments and tags of a message, without those of plural branches. */
function namesOf(message: string): string[] {
  const names = [...message.matchAll(/\{(\w+)(?=[,}])|<(\w+)>/g)].map((found) => found[1] ?? found[2] ?? "");
  return [...new Set(names)].sort();
}

const korean = new Map(flat(ko));

it("has the same messages in both languages", () => {
  expect([...korean.keys()].sort()).toEqual(flat(en).map(([key]) => key).sort());
});

describe("both languages name the same values", () => {
  it.each(flat(en))("%s", (key, message) => {
    expect(namesOf(korean.get(key) ?? "")).toEqual(namesOf(message));
  });
});
