import { SeekQueue } from "./seek-queue";

export type FilmView = {
  time: number;
  duration: number;
  buffered: number;
  paused: boolean;
  ended: boolean;
  /** Whether the picture has been seen since the film was loaded. */
  shown: boolean;
  stalled: boolean;
  seeking: boolean;
  volume: number;
  muted: boolean;
  speed: number;
};

const BEGINNING: FilmView = {
  time: 0,
  duration: 0,
  buffered: 0,
  paused: true,
  ended: false,
  shown: false,
  stalled: false,
  seeking: false,
  volume: 1,
  muted: false,
  speed: 1,
};

const EVENTS = [
  "play", "pause", "playing", "waiting", "ended", "timeupdate", "seeking", "seeked", "durationchange", "progress",
  "loadedmetadata", "volumechange", "ratechange", "loadeddata", "canplay", "emptied", "error",
] as const;

/** The volume that "unmute" sets if there was none. */
const AUDIBLE = 0.5;

export type FilmEvent = "pause" | "seeked" | "error" | "chosen";

/** The `<video>` of the player: what it shows, for components to subscribe to, and what can be done with it. */
export class Film {
  view = BEGINNING;
  /** Whether the viewer wants it to play, also while it is loaded or waits. */
  wanted = true;
  private video: HTMLVideoElement | null = null;
  private stalled = false;
  private speed = 1;
  /** Where the film will begin, until it is loaded far enough to go there. */
  private beginning: number | null = null;
  private readonly seeks: SeekQueue;
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Map<FilmEvent, Set<() => void>>();

  constructor(private readonly expected: number) {
    this.seeks = new SeekQueue(this);
    this.view = { ...BEGINNING, duration: expected };
  }

  get currentTime(): number {
    return this.video?.currentTime ?? 0;
  }

  set currentTime(seconds: number) {
    if (this.video) this.video.currentTime = seconds;
  }

  get duration(): number {
    return this.video && Number.isFinite(this.video.duration) ? this.video.duration : this.expected;
  }

  /** Where the viewer is or wants to be. */
  get position(): number {
    return this.beginning ?? this.seeks.position;
  }

  get element(): HTMLVideoElement | null {
    return this.video;
  }

  /** Watch a `<video>`; the result lets go of it. To be used as a `ref`. */
  attach(video: HTMLVideoElement): () => void {
    this.video = video;
    const stop = new AbortController();
    for (const name of EVENTS) video.addEventListener(name, () => this.happened(name), stop);
    return () => {
      stop.abort();
      video.removeAttribute("src");
      video.load();
      this.video = null;
    };
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  on(name: FilmEvent, listener: () => void): () => void {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(listener));
    return () => known.delete(listener);
  }

  /** Load the film at a position; it plays if the viewer wants so. */
  load(url: string, at: number): void {
    const { video } = this;
    if (!video) return;
    this.seeks.reset();
    this.beginning = at;
    this.stalled = true;
    // With the position in the address, a browser loads no byte of the beginning first.
    video.src = at > 0 ? `${url}#t=${at.toFixed(3)}` : url;
    video.playbackRate = this.speed;
    if (this.wanted) this.play();
    this.look();
  }

  play(): void {
    this.wanted = true;
    this.video?.play().catch((error: unknown) => {
      // Browsers may want a click before a film has sound. A new `src` interrupts, too, and is no refusal.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.wanted = false;
      this.look();
    });
  }

  pause(): void {
    this.wanted = false;
    this.video?.pause();
  }

  /** Take it that the viewer wants the film to play, once it is loaded. */
  want(): void {
    this.wanted = true;
  }

  /** Stop for a while, without changing what the viewer wants. */
  hold(): void {
    this.video?.pause();
  }

  toggle(): void {
    if (this.video?.paused ?? true) this.play();
    else this.pause();
  }

  /** Go to a moment. `chosen`: the viewer picked it, so no skip leads away from it. */
  seek(seconds: number, chosen = false): number {
    if (this.beginning === null) this.seeks.to(seconds);
    else this.beginning = Math.max(0, Math.min(this.duration, seconds));
    this.look();
    if (chosen) this.tell("chosen");
    return this.position;
  }

  /** Take the place where the film begins as chosen by the viewer. */
  choose(): void {
    this.tell("chosen");
  }

  jump(seconds: number): number {
    return this.seek(this.position + seconds);
  }

  setVolume(volume: number): number {
    const rounded = Math.round(Math.max(0, Math.min(1, volume)) * 100) / 100;
    if (this.video) {
      this.video.volume = rounded;
      this.video.muted = rounded === 0;
    }
    return rounded;
  }

  setMuted(muted: boolean): void {
    if (!this.video) return;
    this.video.muted = muted;
    if (!muted && this.video.volume === 0) this.video.volume = AUDIBLE;
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.video) this.video.playbackRate = this.video.defaultPlaybackRate = speed;
  }

  private happened(name: (typeof EVENTS)[number]): void {
    if (name === "waiting") this.stalled = true;
    if (name === "playing" || name === "canplay") this.stalled = false;
    if (name === "loadedmetadata") this.place();
    if (name === "seeked") {
      this.seeks.arrived();
      // Positions on the way are not where the viewer wants to be.
      if (!this.seeks.busy) this.tell("seeked");
    }
    if (name === "pause") this.tell("pause");
    this.look();
    if (name === "error") this.tell("error");
  }

  private place(): void {
    const at = this.beginning;
    this.beginning = null;
    if (this.video) this.video.playbackRate = this.speed;
    if (at !== null && Math.abs(this.currentTime - at) > 1) this.seeks.to(at);
  }

  private tell(name: FilmEvent): void {
    this.listeners.get(name)?.forEach((listener) => listener());
  }

  private look(): void {
    const { video } = this;
    if (!video) return;
    this.view = {
      time: this.position,
      duration: this.duration,
      buffered: bufferedAt(video, this.position),
      paused: video.paused,
      ended: video.ended,
      shown: video.readyState >= 2,
      stalled: this.stalled && this.wanted,
      seeking: this.seeks.busy,
      volume: video.volume,
      muted: video.muted,
      speed: this.speed,
    };
    this.watchers.forEach((changed) => changed());
  }
}

/** Return up to where the film is loaded without a gap. */
function bufferedAt(video: HTMLVideoElement, time: number): number {
  const { buffered } = video;
  for (let part = 0; part < buffered.length; part += 1) {
    if (buffered.start(part) <= time + 0.5 && time <= buffered.end(part)) return buffered.end(part);
  }
  return time;
}
