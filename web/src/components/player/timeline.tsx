import { memo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Film } from "@/lib/player/film";
import { handAt, type PlayerHand } from "@/lib/player/hands";
import type { Tile } from "@/lib/player/storyboard";
import { fill, spokenText } from "@/lib/player/words";
import { handName } from "./hand-name";
import { Preview } from "./preview";
import { useFilm } from "./use-film";
import type { PlayerWords } from "./words";

type Props = {
  film: Film;
  hands: readonly PlayerHand[];
  tiles: readonly Tile[];
  words: PlayerWords;
  /** Called before the first preview. */
  onApproach: () => void;
};

const KEYS: Record<string, number> = { ArrowUp: 5, ArrowDown: -5, PageUp: 60, PageDown: -60 };

/** The film as a line: where it is, what is loaded, its hands, and a picture of each moment. */
export function Timeline({ film, hands, tiles, words, onApproach }: Props) {
  const line = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [drag, setDrag] = useState<number | null>(null);
  const duration = useFilm(film, (view) => view.duration);
  const buffered = useFilm(film, (view) => view.buffered);
  const time = useFilm(film, (view) => Math.round(view.time * 4) / 4);
  const shown = drag ?? time;
  const part = (seconds: number) => (duration > 0 ? Math.min(1, Math.max(0, seconds / duration)) : 0);

  function secondsAt(event: PointerEvent): number {
    const box = line.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration : 0;
  }
  function onPointerDown(event: PointerEvent) {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag(secondsAt(event));
  }
  function onPointerMove(event: PointerEvent) {
    const seconds = secondsAt(event);
    if (drag !== null) setDrag(seconds);
    else if (event.pointerType !== "touch") setHover(seconds);
  }
  function onPointerUp() {
    if (drag !== null) film.seek(drag, true);
    setDrag(null);
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = KEYS[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    film.jump(step);
  }

  const hand = handAt(hands, shown);
  const previewed = drag ?? hover;
  return (
    <div
      ref={line}
      role="slider"
      tabIndex={0}
      aria-label={words.timeline}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(shown)}
      aria-valuetext={fill(words.timelineValue, {
        time: spokenText(words.locale, shown),
        total: spokenText(words.locale, duration),
      }) + (hand ? `, ${handName(hand, words)}` : "")}
      onPointerEnter={onApproach}
      onFocus={onApproach}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setDrag(null)}
      onPointerLeave={() => setHover(null)}
      onKeyDown={onKeyDown}
      className="group relative flex h-8 cursor-pointer touch-none items-center pointer-coarse:h-12"
    >
      {previewed !== null && (
        <Preview tiles={tiles} time={previewed} part={part(previewed)} hand={nameAt(hands, previewed, words)} />
      )}
      <div className="absolute inset-x-0 h-1.5 overflow-hidden rounded-full bg-[oklch(0.42_0.01_260)] shadow-[0_0_0_1px_rgb(0_0_0/0.6)]">
        <div className="absolute inset-y-0 left-0 bg-[oklch(0.62_0.01_260)]" style={{ width: `${part(buffered) * 100}%` }} />
        <div className="absolute inset-y-0 left-0 bg-accent" style={{ width: `${part(shown) * 100}%` }} />
      </div>
      <HandMarks hands={hands} duration={duration} />
      <div
        className="absolute size-4 -translate-x-1/2 rounded-full border-2 border-[black]/80 bg-accent outline-1 outline-white group-hover:size-5"
        style={{ left: `${part(shown) * 100}%` }}
      />
    </div>
  );
}

function nameAt(hands: readonly PlayerHand[], time: number, words: PlayerWords): string | null {
  const hand = handAt(hands, time);
  return hand && handName(hand, words);
}

const WIDTH = 1000;

type MarksProps = { hands: readonly PlayerHand[]; duration: number };

/** The hands along the line. The best ones stand out by height, not by colour alone. */
const HandMarks = memo(function HandMarks({ hands, duration }: MarksProps) {
  if (hands.length === 0 || duration <= 0) return null;
  const draw = (best: boolean, top: number, height: number) =>
    hands.map((hand) => (hand.best === best ? markOf(hand, duration, top, height) : "")).join("");
  return (
    <svg viewBox={`0 0 ${WIDTH} 20`} preserveAspectRatio="none" aria-hidden className="pointer-events-none absolute inset-x-0 h-5 w-full">
      <path d={draw(false, 13.5, 4)} fill="var(--hand)" />
      <path d={draw(true, 1.5, 4)} fill="var(--accent)" />
      <path d={draw(true, 13.5, 4)} fill="var(--accent)" />
    </svg>
  );
});

/** Return the mark of a hand; short ones stay visible. */
function markOf({ start, end }: PlayerHand, duration: number, top: number, height: number): string {
  const x = (start / duration) * WIDTH;
  const width = Math.max(1.5, ((end - start) / duration) * WIDTH - 0.4);
  return `M${x.toFixed(1)} ${top}h${width.toFixed(1)}v${height}h-${width.toFixed(1)}z`;
}
