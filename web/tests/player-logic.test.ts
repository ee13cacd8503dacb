import { describe, expect, it, vi } from "vitest";
import { nextHand, handAt, previousHand, type PlayerHand } from "@/lib/player/hands";
import { PreferenceKeeper } from "@/lib/player/preferences";
import { SeekQueue } from "@/lib/player/seek-queue";
import { gapAt, gapsOf, lengthWithout, SkipPolicy } from "@/lib/player/skip-zones";
import { handPath, momentPath, wishedSecond } from "@/lib/player/start-position";
import { parseStoryboard, sheetsNear, tileAt } from "@/lib/player/storyboard";
import { readTap } from "@/lib/player/taps";
import { fill, lengthText, spokenText } from "@/lib/player/words";
import en from "@/messages/en.json";

const hand = (index: number, start: number, end: number, best = false): PlayerHand => ({
  ...{ index, start, end, best },
  title: null,
  players: [],
  pot: null,
});
const hands = [hand(1, 10, 20), hand(2, 30, 50, true), hand(3, 52, 60)];

describe("hands", () => {
  it("finds the one that plays", () => {
    expect([5, 10, 19.9, 20, 55].map((time) => handAt(hands, time)?.index ?? null)).toEqual([null, 1, 1, null, 3]);
  });

  it("goes on to the next, also from the start of one", () => {
    expect([0, 9.8, 10, 51, 52].map((time) => nextHand(hands, time)?.index ?? null)).toEqual([1, 2, 2, 3, null]);
  });

  it("goes back to the start first, then to the one before", () => {
    expect([9, 12, 14, 31, 34].map((time) => previousHand(hands, time)?.index ?? null)).toEqual([null, null, 1, 1, 2]);
  });
});

describe("gaps", () => {
  const gaps = gapsOf(hands, 100);

  it("are what the hands leave", () => {
    expect(gaps).toEqual([
      { start: 0, end: 10 },
      { start: 20, end: 30 },
      { start: 50, end: 52 },
      { start: 60, end: 100 },
    ]);
    expect(lengthWithout(gaps, 100)).toBe(38);
  });

  it("join hands that overlap, and are none without hands", () => {
    expect(gapsOf([hand(2, 5, 30), hand(1, 0, 10)], 30)).toEqual([]);
    expect(gapsOf([], 30)).toEqual([]);
  });

  it("are left if they are short", () => {
    expect([25, 28, 50, 35].map((time) => gapAt(gaps, time)?.end ?? null)).toEqual([30, null, null, null]);
  });

  it("are skipped once they are entered", () => {
    expect(new SkipPolicy().at(gaps, 20.1)).toEqual({ from: 20.1, to: 30 });
    expect(new SkipPolicy().at(gaps, 15)).toBeNull();
  });

  it("are kept after an undo, until the viewer has left them", () => {
    const policy = new SkipPolicy();
    policy.keep(gaps, 21);
    expect(policy.at(gaps, 22)).toBeNull();
    expect(policy.at(gaps, 29)).toBeNull();
    expect(policy.at(gaps, 35)).toBeNull();
    expect(policy.at(gaps, 21)).toEqual({ from: 21, to: 30 });
  });
});

describe("SeekQueue", () => {
  it("makes the last of rapid seeks, and reports no position on the way", () => {
    const moves: number[] = [];
    let time = 0;
    const film = {
      duration: 100,
      get currentTime() {
        return time;
      },
      set currentTime(seconds: number) {
        moves.push(seconds);
      },
    };
    const seeks = new SeekQueue(film);
    for (const target of [10, 20, 30]) seeks.to(target);
    expect(moves).toEqual([10]);
    expect(seeks.position).toBe(30);
    time = 10;
    seeks.arrived();
    expect(moves).toEqual([10, 30]);
    expect(seeks.position).toBe(30);
    time = 30.02;
    seeks.arrived();
    expect([seeks.busy, seeks.position]).toEqual([false, 30.02]);
  });

  it("stays within the film", () => {
    const seeks = new SeekQueue({ currentTime: 0, duration: 100 });
    expect([seeks.to(-5), seeks.to(140)]).toEqual([0, 100]);
    expect(new SeekQueue({ currentTime: 0, duration: NaN }).to(5)).toBe(0);
  });
});

describe("the storyboard", () => {
  const index = `WEBVTT

00:00:00.000 --> 00:00:10.000
storyboard/1.webp?v=a#xywh=0,0,320,180

00:00:10.000 --> 01:00:00.000
storyboard/2.webp?v=a#xywh=320,180,320,180

garbage
00:00:10.000 --> 01:00:00.000
no area
`;
  const tiles = parseStoryboard(index, "https://films.example/api/contents/x/storyboard.vtt");

  it("is read, without what is no tile", () => {
    expect(tiles).toHaveLength(2);
    expect(tiles[1]).toEqual({
      ...{ start: 10, end: 3600, x: 320, y: 180, width: 320, height: 180 },
      sheet: "https://films.example/api/contents/x/storyboard/2.webp?v=a",
    });
  });

  it("has a tile for each moment", () => {
    expect([0, 9.9, 10, 9999].map((time) => tileAt(tiles, time)?.start)).toEqual([0, 0, 10, 10]);
    expect(tileAt([], 5)).toBeNull();
  });

  it("loads the sheets beside the pointer ahead", () => {
    expect(sheetsNear(tiles, 0).map((sheet) => /\d\.webp/.exec(sheet)?.[0])).toEqual(["1.webp", "2.webp"]);
    expect(sheetsNear([], 0)).toEqual([]);
  });
});

it.each([
  [{ t: "75" }, 75],
  [{ t: "1h2m3s" }, 3723],
  [{ t: "90.5" }, 90.5],
  [{ t: "soon" }, null],
  [{ t: "" }, null],
  [{ hand: "2" }, 30],
  [{ hand: "9" }, null],
  [{ hand: "9", t: "4" }, 4],
  [{}, null],
])("begins where the address says: %o", (wish, second) => {
  expect(wishedSecond(wish, hands)).toBe(second);
});

it("makes addresses that it reads", () => {
  expect([momentPath("x", 75.9), handPath("x", 3)]).toEqual(["/watch/x?t=75", "/watch/x?hand=3"]);
});

describe("taps", () => {
  const at = (time: number, x: number) => ({ at: time, x });

  it("jump by two at a side, with a finger", () => {
    expect(readTap(at(0, 0.9), at(200, 0.8), true)).toEqual({ kind: "side", seconds: 10 });
    expect(readTap(at(0, 0.1), at(200, 0.2), true)).toEqual({ kind: "side", seconds: -10 });
    expect(readTap(at(0, 0.5), at(200, 0.5), true)).toEqual({ kind: "single" });
    expect(readTap(at(0, 0.1), at(400, 0.2), true)).toEqual({ kind: "single" });
  });

  it("are double clicks with a mouse", () => {
    expect(readTap(at(0, 0.5), at(200, 0.5), false)).toEqual({ kind: "double" });
    expect(readTap(null, at(200, 0.5), false)).toEqual({ kind: "single" });
  });
});

describe("words", () => {
  it("are filled in", () => {
    expect(fill("{a} of {b}, {c}", { a: 1, b: "two" })).toBe("1 of two, {c}");
  });

  it("say lengths", () => {
    expect([8100, 7200, 3120, 40].map((seconds) => lengthText(en.player, seconds))).toEqual(["2 h 15 min", "2 h", "52 min", "40 s"]);
  });

  it("say positions to screen readers", () => {
    expect([3725, 3600, 65, 0].map((seconds) => spokenText("en", seconds))).toEqual([
      "1 hour 2 minutes 5 seconds",
      "1 hour",
      "1 minute 5 seconds",
      "0 seconds",
    ]);
    expect(spokenText("ko", 3725)).toBe("1시간 2분 5초");
  });
});

it("saves changed preferences together, and failed ones with the next", async () => {
  vi.useFakeTimers();
  const save = vi.fn().mockRejectedValueOnce(new Error("offline")).mockResolvedValue(null);
  const keeper = new PreferenceKeeper(save);
  keeper.keep({ volume: 0.4 });
  keeper.keep({ volume: 0.5, speed: 2 });
  await vi.advanceTimersByTimeAsync(500);
  keeper.keep({ speed: 1 });
  await vi.advanceTimersByTimeAsync(500);
  expect(save.mock.calls).toEqual([[{ volume: 0.5, speed: 2 }], [{ volume: 0.5, speed: 1 }]]);
  vi.useRealTimers();
});
