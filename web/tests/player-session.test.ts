import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiFailure } from "@/lib/api/failure";
import type { Calls, Heartbeat, Started } from "@/lib/player/calls";
import { PlaybackSession, POLL_MS, PROGRESS_MS, type SessionState } from "@/lib/player/session";

const playing = (id = "a", more: Partial<Started> = {}): Started => ({
  ...{ playback_id: id, state: "playing", position: 0, playback_url: `/film?${id}`, expires_at: null },
  ...{ heartbeat_seconds: 15, lease_seconds: 45, tier: "nas", progress_seconds: 30 },
  ...more,
});
const waiting = (position: number) => playing("a", { state: "waiting", position, playback_url: null });
const beat = (more: Partial<Heartbeat> = {}): Heartbeat => ({
  ...{ playback_id: "a", state: "playing", position: 0, heartbeat_seconds: 15, lease_seconds: 45 },
  ...more,
});
const ended = (reason: string) => new ApiFailure(410, "PLAYBACK_ENDED", "", { reason });

const calls = {
  start: vi.fn<Calls["start"]>(),
  heartbeat: vi.fn<Calls["heartbeat"]>(),
  progress: vi.fn<Calls["progress"]>(),
  progressAtLast: vi.fn<Calls["progressAtLast"]>(),
  end: vi.fn<Calls["end"]>(),
};
let position = 0;
let states: SessionState[] = [];

function open() {
  states = [];
  return new PlaybackSession(calls, () => position, (state) => states.push(state));
}
const last = () => states.at(-1);

beforeEach(() => {
  vi.useFakeTimers();
  for (const call of Object.values(calls)) call.mockReset();
  calls.heartbeat.mockResolvedValue(beat());
  calls.progress.mockResolvedValue();
  position = 12;
});
afterEach(() => vi.useRealTimers());

describe("a session", () => {
  it("plays, sends heartbeats and saves the position every ten seconds", async () => {
    calls.start.mockResolvedValue(playing());
    await open().start();
    expect(last()).toEqual({ kind: "playing", url: "/film?a", continueAt: 30 });
    await vi.advanceTimersByTimeAsync(PROGRESS_MS);
    expect(calls.progress.mock.calls).toEqual([["a", 12]]);
    await vi.advanceTimersByTimeAsync(PROGRESS_MS);
    // A film that stands is saved once.
    expect(calls.progress).toHaveBeenCalledTimes(1);
    expect(calls.heartbeat.mock.calls).toEqual([["a", 12]]);
  });

  it("waits for its turn, and keeps its place", async () => {
    calls.start.mockResolvedValueOnce(waiting(2)).mockResolvedValueOnce(waiting(1)).mockResolvedValue(playing());
    await open().start();
    expect(last()).toEqual({ kind: "waiting", position: 2 });
    await vi.advanceTimersByTimeAsync(POLL_MS);
    expect(last()).toEqual({ kind: "waiting", position: 1 });
    await vi.advanceTimersByTimeAsync(POLL_MS);
    expect(last()).toMatchObject({ kind: "playing" });
    expect(calls.start.mock.calls.map(([wish]) => wish.playback_id)).toEqual([null, "a", "a"]);
  });

  it("offers the other sessions, and takes one over", async () => {
    const others = [{ playback_id: "x", title: "Day 1", device: "TV" }, "garbage"];
    calls.start.mockRejectedValueOnce(new ApiFailure(429, "STREAM_LIMIT_REACHED", "", { playing: others }));
    calls.start.mockResolvedValue(playing());
    const session = open();
    await session.start();
    expect(last()).toEqual({ kind: "in-use", others: [{ playbackId: "x", title: "Day 1", device: "TV" }] });
    await session.start("x");
    expect(calls.start.mock.calls[1]).toEqual([{ playback_id: null, take_over: "x" }]);
    expect(last()).toMatchObject({ kind: "playing" });
  });

  it.each(["taken_over", "revoked", "ended"])("says why it ended: %s", async (reason) => {
    calls.start.mockResolvedValue(playing());
    calls.heartbeat.mockRejectedValue(ended(reason));
    const session = open();
    await session.start();
    await session.beat();
    expect(last()).toEqual({ kind: "ended", reason });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.start).toHaveBeenCalledTimes(1);
  });

  it.each(["expired", "left", "changed"])("goes on by itself after it was lost: %s", async (reason) => {
    calls.start.mockResolvedValueOnce(playing()).mockResolvedValue(playing("b"));
    calls.heartbeat.mockRejectedValueOnce(ended(reason));
    const session = open();
    await session.start();
    await session.beat();
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ kind: "playing", url: "/film?b" });
    expect(calls.start.mock.calls[1]?.[0].playback_id).toBeNull();
  });

  it("waits again if its slot is gone after a long pause", async () => {
    calls.start.mockResolvedValue(playing());
    calls.heartbeat.mockResolvedValue(beat({ state: "waiting", position: 1 }));
    const session = open();
    await session.start();
    await session.beat();
    expect(last()).toEqual({ kind: "waiting", position: 1 });
  });

  it("plays on without the network, and tries again", async () => {
    calls.start.mockResolvedValue(playing());
    calls.heartbeat.mockRejectedValueOnce(ApiFailure.unreachable("offline"));
    const session = open();
    await session.start();
    await session.beat();
    expect(last()).toMatchObject({ kind: "playing" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls.heartbeat).toHaveBeenCalledTimes(2);
  });

  it("starts as soon as the service is back", async () => {
    calls.start.mockRejectedValueOnce(ApiFailure.unreachable("down")).mockResolvedValue(playing());
    await open().start();
    expect(last()).toEqual({ kind: "unreachable" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(last()).toMatchObject({ kind: "playing" });
  });

  it("stops at what will not pass", async () => {
    calls.start.mockRejectedValueOnce(new ApiFailure(409, "STREAM_NOT_PLAYABLE", ""));
    await open().start();
    expect(last()).toEqual({ kind: "refused", code: "STREAM_NOT_PLAYABLE" });
    calls.start.mockRejectedValueOnce(new ApiFailure(401, "AUTH_TOKEN_REVOKED", ""));
    await open().start();
    expect(last()).toEqual({ kind: "ended", reason: "signed-out" });
  });

  it("gives its slot back, also one that came too late", async () => {
    calls.start.mockResolvedValue(playing());
    const session = open();
    await session.start();
    session.end();
    expect(calls.end.mock.calls).toEqual([["a", 12]]);
    const late = open();
    const start = late.start();
    late.end();
    await start;
    expect(calls.end.mock.calls.at(-1)).toEqual(["a", 0]);
    expect(states).toEqual([]);
  });
});
