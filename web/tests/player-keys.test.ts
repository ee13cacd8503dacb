import { describe, expect, it } from "vitest";
import { commandOf, KEY_LIST, stepSpeed, type Focus, type KeyPress } from "@/lib/player/keys";
import en from "@/messages/en.json";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, repeat: false },
  ...more,
});
const command = (key: string, focus: Focus = "other", more: Partial<KeyPress> = {}) => commandOf(press(key, more), focus);

describe("commandOf", () => {
  it.each([
    [" ", { name: "toggle" }],
    ["k", { name: "toggle" }],
    ["K", { name: "toggle" }],
    ["j", { name: "jump", seconds: -10 }],
    ["ArrowRight", { name: "jump", seconds: 5 }],
    [">", { name: "speed", step: 1 }],
    [",", { name: "frame", step: -1 }],
    ["7", { name: "tenth", tenth: 7 }],
    ["N", { name: "hand", step: 1 }],
    ["?", { name: "help" }],
    ["F5", null],
    ["Tab", null],
    ["x", null],
  ])("%s", (key, expected) => {
    expect(command(key)).toEqual(expected);
  });

  it("jumps further while an arrow is held, and repeats nothing that goes on and off", () => {
    expect(command("ArrowLeft", "other", { repeat: true })).toEqual({ name: "jump", seconds: -15 });
    expect(command("m", "other", { repeat: true })).toBeNull();
    expect(command("l", "other", { repeat: true })).toEqual({ name: "jump", seconds: 10 });
  });

  it("takes another title with Shift", () => {
    expect(command("ArrowRight", "other", { shiftKey: true })).toEqual({ name: "title", step: 1 });
  });

  it.each(["ctrlKey", "altKey", "metaKey"] as const)("leaves keys with %s to the browser", (modifier) => {
    for (const key of ["f", "ArrowLeft", " ", "s"]) expect(command(key, "other", { [modifier]: true })).toBeNull();
  });

  it("leaves controls their own keys", () => {
    expect(command("m", "field")).toBeNull();
    expect(command(" ", "button")).toBeNull();
    expect(command("m", "button")).toEqual({ name: "mute" });
    expect(command("ArrowLeft", "range")).toBeNull();
    expect(command(" ", "range")).toEqual({ name: "toggle" });
  });

  it("has no one-letter keys once they are off", () => {
    for (const key of ["k", "7", "?", ","]) expect(commandOf(press(key), "other", false)).toBeNull();
    for (const key of [" ", "ArrowUp", "Home"]) expect(commandOf(press(key), "other", false)).not.toBeNull();
  });
});

it("lists each key once, with words", () => {
  const keys = KEY_LIST.flatMap((entry) => entry.keys as readonly string[]);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { does } of KEY_LIST) expect(en.player[`does_${does}`]).toBeTruthy();
});

it("steps through the speeds", () => {
  expect([stepSpeed(1, 1), stepSpeed(1, -1), stepSpeed(2, 1), stepSpeed(0.25, -1), stepSpeed(1.1, 1)]).toEqual([1.25, 0.75, 2, 0.25, 1.25]);
});
