import { ApiFailure } from "@/lib/api/failure";
import type { Calls, Heartbeat, Started } from "./calls";
import { endOf, isPassing, othersOf, type EndReason, type Other } from "./refusals";

export type SessionState =
  | { kind: "starting" }
  | { kind: "waiting"; position: number }
  | { kind: "full" }
  | { kind: "playing"; url: string; continueAt: number }
  | { kind: "in-use"; others: Other[] }
  | { kind: "ended"; reason: EndReason }
  | { kind: "refused"; code: string }
  | { kind: "unreachable" };

/** Milliseconds between two looks at the queue, at most. */
export const POLL_MS = 3_000;
export const PROGRESS_MS = 10_000;
const FULL_MS = 10_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Holds a slot for the player: starts, waits, sends heartbeats and positions, and ends.
 *
 * `position` is where the film is; `changed` is called with each new state. A session that expired, or whose
 * file was replaced, is started again: the player goes on where it was.
 */
export class PlaybackSession {
  state: SessionState = { kind: "starting" };
  private id: string | null = null;
  private turn = 0;
  private failures = 0;
  private beatMs = 15_000;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private progressTimer: ReturnType<typeof setInterval> | undefined;
  private saved = 0;

  constructor(
    private readonly calls: Calls,
    private readonly position: () => number,
    private readonly changed: (state: SessionState) => void,
  ) {}

  /** Open a session, or ask again for the one that waits. `takeOver`: the session that gives its slot. */
  async start(takeOver: string | null = null): Promise<void> {
    const turn = this.next();
    // What is on the screen stays until there is something else to show.
    if (this.state.kind === "in-use" || this.state.kind === "ended" || this.state.kind === "refused") {
      this.become({ kind: "starting" });
    }
    try {
      const started = await this.calls.start({ playback_id: this.id, take_over: takeOver });
      if (turn !== this.turn) return this.drop(started);
      this.begun(started);
    } catch (error) {
      if (turn === this.turn) this.failed(error, () => this.start(takeOver));
    }
  }

  /** Get a new address for the film, after it failed. */
  renew(): Promise<void> {
    return this.start();
  }

  /** Save the position, and keep the slot: at pauses, after seeks, and at times. */
  async beat(): Promise<void> {
    const [turn, id] = [this.turn, this.id];
    if (id === null || this.state.kind !== "playing") return;
    clearTimeout(this.timer);
    try {
      const beat = await this.calls.heartbeat(id, this.position());
      if (turn === this.turn) this.beaten(beat);
    } catch (error) {
      // Without the network the film plays on from its buffer.
      if (turn === this.turn) this.failed(error, null);
    }
  }

  /** Save the position now; the page may be hidden for good. */
  saveAtLast(): void {
    if (this.id !== null && this.state.kind === "playing" && this.position() > 0) {
      this.calls.progressAtLast(this.id, this.position());
    }
  }

  /** Give the slot back. */
  end(): void {
    this.next();
    clearInterval(this.progressTimer);
    if (this.id !== null) this.calls.end(this.id, this.position());
    this.id = null;
  }

  /** Try at once what waits for its time: the network is back. */
  hurry(): void {
    if (this.state.kind === "unreachable") void this.start();
    else void this.beat();
  }

  private next(): number {
    clearTimeout(this.timer);
    return ++this.turn;
  }

  private begun(started: Started): void {
    this.failures = 0;
    this.id = started.playback_id;
    this.beatMs = started.heartbeat_seconds * 1000;
    if (started.state === "waiting" || started.playback_url === null) {
      return this.wait(started.position);
    }
    clearInterval(this.progressTimer);
    this.progressTimer = setInterval(() => void this.saveProgress(), PROGRESS_MS);
    this.become({ kind: "playing", url: started.playback_url, continueAt: started.progress_seconds });
    this.timer = setTimeout(() => void this.beat(), this.beatMs);
  }

  private wait(position: number): void {
    this.become({ kind: "waiting", position });
    this.timer = setTimeout(() => void this.start(), Math.min(this.beatMs, POLL_MS));
  }

  private beaten(beat: Heartbeat): void {
    this.failures = 0;
    if (beat.state === "waiting") return this.wait(beat.position);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.beat(), this.beatMs);
  }

  private async saveProgress(): Promise<void> {
    const [id, position] = [this.id, this.position()];
    if (id === null || this.state.kind !== "playing" || position <= 0 || position === this.saved) return;
    this.saved = position;
    // The next one is ten seconds away.
    await this.calls.progress(id, position).catch(() => {});
  }

  // A start that came too late holds a slot that no player uses.
  private drop(started: Started): void {
    if (this.id !== started.playback_id) this.calls.end(started.playback_id, 0);
  }

  private failed(error: unknown, again: (() => Promise<void>) | null): void {
    const failure = error instanceof ApiFailure ? error : ApiFailure.unreachable(error);
    this.failures += 1;
    if (failure.code === "STREAM_LIMIT_REACHED") return this.stop({ kind: "in-use", others: othersOf(failure) });
    if (failure.code === "STREAM_QUEUE_FULL") {
      this.become({ kind: "full" });
      this.timer = setTimeout(() => void this.start(), FULL_MS);
      return;
    }
    if (failure.code === "PLAYBACK_ENDED" || failure.code === "PLAYBACK_NOT_FOUND") return this.lost(failure);
    if (failure.status === 401) return this.stop({ kind: "ended", reason: "signed-out" });
    if (!isPassing(failure)) return this.stop({ kind: "refused", code: failure.code });
    const pause = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(this.failures, 5));
    if (again && this.state.kind !== "waiting" && this.state.kind !== "full") this.become({ kind: "unreachable" });
    this.timer = setTimeout(() => void (again ? again() : this.beat()), pause);
  }

  // The session is gone. What happened to it decides whether another one takes its place.
  private lost(failure: ApiFailure): void {
    this.id = null;
    const reason = endOf(failure);
    if ((reason === "expired" || reason === "changed") && this.failures < 3) void this.start();
    else this.stop({ kind: "ended", reason });
  }

  private stop(state: SessionState): void {
    this.id = null;
    clearInterval(this.progressTimer);
    this.become(state);
  }

  private become(state: SessionState): void {
    this.state = state;
    this.changed(state);
  }
}
