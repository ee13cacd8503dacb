import { Keyboard, Link2, Maximize, Minimize, Pause, PictureInPicture2, Play, RectangleHorizontal, SkipBack, SkipForward } from "lucide-react";
import { useRef, type ChangeEvent } from "react";
import type { Command } from "@/lib/player/keys";
import { SPEEDS } from "@/lib/player/keys";
import type { Film } from "@/lib/player/film";
import { fill } from "@/lib/player/words";
import { clock } from "@/lib/time";
import { IconButton } from "./icon-button";
import { useFilm } from "./use-film";
import { Volume } from "./volume";
import type { PlayerWords } from "./words";

type Props = {
  film: Film;
  words: PlayerWords;
  hasHands: boolean;
  hasPanel: boolean;
  fullscreen: boolean;
  wide: boolean;
  run: (command: Command) => void;
  onSpeed: (speed: number) => void;
  onVolume: (volume: number) => void;
};

/** The buttons below the timeline. */
export function Controls({ film, words, hasHands, hasPanel, fullscreen, wide, run, onSpeed, onVolume }: Props) {
  const paused = useFilm(film, (view) => view.paused);
  return (
    <div className="-mx-2 flex items-center gap-x-1 text-white">
      <IconButton icon={paused ? Play : Pause} label={paused ? words.play : words.pause} keys="K" onClick={() => run({ name: "toggle" })} className="[&_svg]:fill-current" />
      {hasHands && (
        <>
          <IconButton icon={SkipBack} label={words.previousHand} keys="P" onClick={() => run({ name: "hand", step: -1 })} />
          <IconButton icon={SkipForward} label={words.nextHand} keys="N" onClick={() => run({ name: "hand", step: 1 })} />
        </>
      )}
      <Volume film={film} words={words} onChange={onVolume} />
      <Clock film={film} words={words} />
      <span className="grow" />
      <Speed film={film} words={words} onSpeed={onSpeed} />
      <IconButton icon={Link2} label={words.copyMoment} keys="S" onClick={() => run({ name: "copy" })} className="max-sm:hidden" />
      <IconButton icon={Keyboard} label={words.keys} keys="?" onClick={() => run({ name: "help" })} className="max-md:hidden" />
      <IconButton icon={PictureInPicture2} label={words.picture} keys="I" onClick={() => run({ name: "picture" })} className="max-sm:hidden" />
      {hasPanel && (
        <IconButton icon={RectangleHorizontal} label={words.wide} keys="T" aria-pressed={wide} onClick={() => run({ name: "wide" })} className="max-lg:hidden" />
      )}
      <IconButton
        icon={fullscreen ? Minimize : Maximize}
        label={fullscreen ? words.leaveFullscreen : words.fullscreen}
        keys="F"
        onClick={() => run({ name: "fullscreen" })}
      />
    </div>
  );
}

function Speed({ film, words, onSpeed }: Pick<Props, "film" | "words" | "onSpeed">) {
  const speed = useFilm(film, (view) => view.speed);
  const pointed = useRef(false);

  function onChange(event: ChangeEvent<HTMLSelectElement>) {
    onSpeed(Number(event.target.value));
    // After a choice by pointer, keys are the player's again.
    if (pointed.current) event.target.blur();
  }
  return (
    <select
      aria-label={words.speed}
      title={`${words.speed} (< >)`}
      value={speed}
      onPointerDown={() => (pointed.current = true)}
      onKeyDown={() => (pointed.current = false)}
      onChange={onChange}
      className="h-11 rounded-card bg-transparent px-1 text-sm text-white hover:bg-white/15 sm:px-2 [&>option]:bg-overlay"
    >
      {SPEEDS.map((one) => (
        <option key={one} value={one}>
          {fill(words.speedValue, { speed: one })}
        </option>
      ))}
    </select>
  );
}

function Clock({ film, words }: { film: Film; words: PlayerWords }) {
  const time = useFilm(film, (view) => Math.floor(view.time));
  const duration = useFilm(film, (view) => Math.floor(view.duration));
  return (
    <p className="tabular px-1 text-xs whitespace-nowrap sm:px-2 sm:text-sm" title={fill(words.left, { time: clock(duration - time) })}>
      {clock(time)} <span className="text-white/75 max-[22.5rem]:hidden">/ {clock(duration)}</span>
    </p>
  );
}
