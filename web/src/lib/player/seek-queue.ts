/** The film as far as seeks concern it. */
export type Seekable = { currentTime: number; readonly duration: number };

/**
 * Seeks one at a time; of those that come while one runs, only the last is made.
 *
 * Until the film has arrived, `position` is the target: times that it reports on the way are old.
 */
export class SeekQueue {
  private running = false;
  private target: number | null = null;
  private waiting: number | null = null;

  constructor(private readonly film: Seekable) {}

  get position(): number {
    return this.waiting ?? this.target ?? this.film.currentTime;
  }

  get busy(): boolean {
    return this.target !== null;
  }

  /** Go to this time, within the film, and return where that is. */
  to(seconds: number): number {
    const time = this.within(seconds);
    if (this.running) this.waiting = time;
    else this.go(time);
    return time;
  }

  /** To be called when the film has arrived. */
  arrived(): void {
    const next = this.waiting;
    this.running = false;
    this.waiting = this.target = null;
    if (next !== null) this.go(next);
  }

  /** Forget all seeks, because the film is loaded again. */
  reset(): void {
    this.running = false;
    this.waiting = this.target = null;
  }

  private go(time: number): void {
    this.running = true;
    this.target = time;
    this.film.currentTime = time;
  }

  private within(seconds: number): number {
    const end = Number.isFinite(this.film.duration) ? this.film.duration : 0;
    return Math.max(0, Math.min(end, seconds));
  }
}
