import { describe, expect, it } from "vitest";
import { readDevice } from "@/lib/device";
import { formatName } from "@/lib/format-names";
import { piecesOf } from "@/lib/highlight";
import { readable } from "@/lib/labels";
import { readReason } from "@/lib/reasons";
import { nameInSeries, partsOf } from "@/lib/title-parts";

describe("piecesOf", () => {
  it("finds the words", () => {
    expect(piecesOf("WSOP <em>Main</em> Event")).toEqual([
      { text: "WSOP ", found: false },
      { text: "Main", found: true },
      { text: " Event", found: false },
    ]);
  });

  it("shows what a file was called, and never runs it", () => {
    const [piece] = piecesOf("&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp;lt; &#39;");
    expect(piece).toEqual({ text: `<img src=x onerror="alert(1)"> &lt; '`, found: false });
  });
});

it.each([
  ["WSOP 2024 Main Event – Day 1A", "WSOP 2024 Main Event", "Day 1A"],
  ["A – B – C", "A – B", "C"],
  ["Best of All-Ins", null, "Best of All-Ins"],
  [" – Day 1", null, " – Day 1"],
  ["Main Event – ", null, "Main Event – "],
])("divides %s", (title, event, name) => {
  expect(partsOf(title)).toEqual({ event, name });
});

it.each([
  ["video_codec:prores", { key: "video_codec", value: "prores" }],
  ["codecs:h264+pcm_s16le", { key: "codecs", value: "h264+pcm_s16le" }],
  ["file:truncated", { key: "truncated", value: "truncated" }],
  ["file:locked", { key: "other", value: "locked" }],
  ["novel", { key: "other", value: "novel" }],
  ["moov:last", null],
  ["scan:interlaced", null],
])("reads the reason %s", (reason, expected) => {
  expect(readReason(reason)).toEqual(expected);
});

it.each([
  ["matroska", "MKV"],
  ["pcm_s24le", "PCM"],
  ["aac", "AAC"],
])("names the format %s", (code, expected) => {
  expect(formatName(code)).toBe(expected);
});

it.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge", "Windows"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari", "iPhone"],
  ["Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome", "Linux"],
  ["Mozilla/5.0 (Linux; Android 15; SM-S931N) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet", "Android"],
])("reads the device %s", (agent, browser, system) => {
  expect(readDevice(agent)).toEqual({ browser, system });
});

it.each([
  ["Poker After Dark – Season 11 Episode 1", "Poker After Dark", "Season 11 Episode 1"],
  ["Main Event – Day 1A", "WSOP 2024", "Main Event – Day 1A"],
  ["WSOP 1974", "WSOP 1974", "WSOP 1974"],
  ["WSOP 1974 – ", "WSOP 1974", "WSOP 1974 – "],
])("names %s below its series %s", (title, series, expected) => {
  expect(nameInSeries(title, series)).toBe(expected);
});

it.each([
  ["big_one", "Big one"],
  ["WSOP", "WSOP"],
  ["", ""],
])("reads the unnamed code %s as words", (code, expected) => {
  expect(readable(code)).toBe(expected);
});

it("knows no device of a program", () => {
  expect(readDevice("python-httpx/0.28")).toBeNull();
});
