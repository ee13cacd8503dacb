"use client";

import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import { useCallback, useEffect, useRef, useState, type MouseEvent } from "react";
import { cn } from "@/lib/cn";
import { savePreferences } from "@/lib/player/calls";
import { Film } from "@/lib/player/film";
import { handAt, type PlayerHand } from "@/lib/player/hands";
import { PreferenceKeeper, type Preferences } from "@/lib/player/preferences";
import type { SkipMode } from "@/lib/player/skip-zones";
import { Controls } from "./controls";
import { EndCard } from "./end-card";
import { HandPanel } from "./hand-panel";
import { KeyHelp } from "./key-help";
import { modeText } from "./modes";
import { NeighbourLinks } from "./neighbour-links";
import { Banner, BigPlay, Note, Spinner } from "./overlays";
import { Screen } from "./screens";
import { SkipOffer } from "./skip-offer";
import { SkipSwitches } from "./skip-switches";
import { Timeline } from "./timeline";
import { useCommands } from "./use-commands";
import { useFilm } from "./use-film";
import { useFullscreen } from "./use-fullscreen";
import { useGestures } from "./use-gestures";
import { useHandSkip } from "./use-hand-skip";
import { useIdle } from "./use-idle";
import { useKeys } from "./use-keys";
import { useMediaSession } from "./use-media-session";
import { useOnline } from "./use-online";
import { useSession } from "./use-session";
import { useStoryboard } from "./use-storyboard";
import type { PlayerWords } from "./words";

export type Neighbour = { id: string; title: string };

export type PlayerTitle = {
  id: string;
  title: string;
  series: string | null;
  poster: string | null;
  storyboard: string | null;
  duration: number;
  frameRate: number;
  hands: PlayerHand[];
  previous: Neighbour | null;
  next: Neighbour | null;
};

type Props = {
  title: PlayerTitle;
  /** Where the address wants the film to begin. */
  wished: number | null;
  startMode: SkipMode;
  preferences: Preferences;
  words: PlayerWords;
};

export function Player({ title, wished, startMode, preferences, words }: Props) {
  const { id, hands } = title;
  const stage = useRef<HTMLElement>(null);
  const [film] = useState(() => new Film(title.duration));
  const [keeper] = useState(() => new PreferenceKeeper(savePreferences));
  const [mode, setMode] = useState(startMode);
  const [letters, setLetters] = useState(preferences.letter_keys);
  const [wide, setWide] = useState(false);
  const [help, setHelp] = useState(false);
  const playback = useSession(id, film, wished);
  const handSkip = useHandSkip(film, hands, mode);
  const { tiles, approach } = useStoryboard(title.storyboard);
  const attach = useCallback((video: HTMLVideoElement) => film.attach(video), [film]);
  const online = useOnline();
  const fullscreen = useFullscreen();

  const paused = useFilm(film, (view) => view.paused);
  const ended = useFilm(film, (view) => view.ended);
  const shown = useFilm(film, (view) => view.shown);
  const stalled = useFilm(film, (view) => view.stalled || (view.seeking && !view.shown));
  const duration = useFilm(film, (view) => view.duration);
  const current = useFilm(film, (view) => handAt(hands, view.time)?.index ?? null);
  const plays = playback.state.kind === "playing" && !playback.broken;
  // What is asked or told in place of the film has to fit on a phone.
  const asks = !plays && playback.state.kind !== "starting";
  const { idle, wake, sleep } = useIdle(stage, plays && !paused && shown);

  function chooseMode(next: SkipMode) {
    setMode(next);
    keeper.keep({ hand_skip: next === "hands", best_hands: next === "best" });
    say(modeText(next, hands, duration, words));
  }
  const { run, note, say, playHand, copyHand } = useCommands({
    ...{ id, film, hands, stage, words, mode, setWide, setHelp, wake },
    frameRate: title.frameRate,
    previous: title.previous,
    next: title.next,
    setMode: chooseMode,
    skip: handSkip.gap && !handSkip.skipped ? handSkip.skip : null,
    keep: useCallback((changes: Partial<Preferences>) => keeper.keep(changes), [keeper]),
  });
  useKeys(letters, (command) => (plays || ALWAYS.has(command.name)) && run(command));
  useMediaSession(film, { title: title.title, album: title.series ?? "", poster: title.poster }, run);
  const onPointer = useGestures({
    onTap: () => (idle || paused ? wake() : sleep()),
    onClick: () => run({ name: "toggle" }),
    onDoubleClick: () => {
      // The first click of the two has paused or begun.
      film.toggle();
      run({ name: "fullscreen" });
    },
    onSide: (seconds) => run({ name: "jump", seconds }),
  });

  useEffect(() => {
    film.setVolume(preferences.volume);
    film.setSpeed(preferences.speed);
    const flush = () => keeper.flush();
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [film, keeper, preferences]);

  const hasPanel = hands.length > 0;
  const chrome = cn("transition-opacity", idle && "pointer-events-none opacity-0 focus-within:pointer-events-auto focus-within:opacity-100");
  return (
    <div data-player className={cn("grid grow grid-cols-[minmax(0,1fr)] content-start lg:h-dvh lg:content-stretch", hasPanel && !wide && "lg:grid-cols-[minmax(0,1fr)_22rem]")}>
      <section
        ref={stage}
        aria-label={words.player}
        data-state={playback.broken ? "broken" : playback.state.kind}
        onPointerMove={(event) => {
          approach();
          if (event.pointerType !== "touch") wake();
        }}
        onFocus={() => wake()}
        onMouseDown={keepFocus}
        className={cn(STAGE, asks && "max-lg:aspect-auto max-lg:min-h-96", idle && "cursor-none")}
      >
        <video ref={attach} playsInline preload="auto" poster={title.poster ?? undefined} tabIndex={-1} className="absolute inset-0 size-full object-contain" />
        <div className="absolute inset-0 touch-manipulation" onPointerUp={onPointer} data-surface />
        {(stalled || playback.state.kind === "starting") && <Spinner label={words.loading} />}
        {plays && paused && !ended && !stalled && <BigPlay label={words.play} onClick={() => film.play()} />}
        <Note text={note?.text ?? ""} />
        {plays && ended && <EndCard next={title.next} words={words} onReplay={() => { film.seek(0, true); film.play(); }} />}
        <Screen playback={playback} online={online} words={words} />
        {plays && !online && stalled && <Banner text={words.offlineText} />}

        <header className={cn("absolute inset-x-0 top-0 z-20 flex items-center gap-2 bg-linear-to-b from-[black]/85 to-transparent p-2 pb-8 text-white lg:p-4 lg:pb-12", chrome)} data-controls>
          <Link href={`/title/${id}`} prefetch={false} aria-label={words.back} title={words.back} className="inline-flex size-11 shrink-0 items-center justify-center rounded-card hover:bg-white/15">
            <ArrowLeft aria-hidden className="size-6" />
          </Link>
          <h1 className="line-clamp-2 min-w-0 text-sm font-semibold lg:text-lg">{title.title}</h1>
        </header>
        {plays && (
          <div className="absolute inset-x-0 bottom-0 z-20 grid grid-cols-[minmax(0,1fr)] gap-1">
            <div className="px-3 lg:px-5">
              <SkipOffer handSkip={handSkip} hands={hands} words={words} />
            </div>
            <div className={cn("bg-linear-to-t from-[black]/90 via-[black]/70 to-transparent px-3 pt-4 pb-1 lg:px-5 lg:pb-3", chrome)} data-controls>
              <Timeline film={film} hands={hands} tiles={tiles} words={words} onApproach={approach} />
              <Controls
                {...{ film, words, fullscreen, wide, run }}
                hasPanel={hasPanel && !fullscreen}
                hasHands={hands.length > 0}
                onSpeed={(speed) => { film.setSpeed(speed); keeper.keep({ speed }); }}
                onVolume={(volume) => keeper.keep({ volume })}
              />
            </div>
          </div>
        )}
        <KeyHelp
          open={help}
          letters={letters}
          words={words}
          onLetters={(on) => { setLetters(on); keeper.keep({ letter_keys: on }); }}
          onClose={() => setHelp(false)}
        />
      </section>
      {hasPanel && (
        <aside aria-label={words.hands} className={cn("flex flex-col pt-4 lg:h-dvh lg:border-l lg:border-line", wide && "lg:hidden")}>
          <h2 className="flex items-baseline gap-2 px-4 pb-3 text-lg font-semibold">
            {words.hands} <span className="tabular text-sm font-normal text-muted">{hands.length}</span>
          </h2>
          <SkipSwitches hands={hands} duration={duration} mode={mode} words={words} onMode={chooseMode} />
          <HandPanel id={id} hands={hands} current={current} words={words} onPlay={playHand} onCopy={copyHand} />
          <NeighbourLinks previous={title.previous} next={title.next} words={words} />
        </aside>
      )}
      {!hasPanel && <NeighbourLinks previous={title.previous} next={title.next} words={words} className="lg:hidden" />}
    </div>
  );
}

// On a phone held upright the film stays in sight above the hands; held sideways, it fills the screen.
const STAGE =
  "relative top-0 z-10 min-h-56 overflow-hidden bg-[black] max-lg:aspect-video max-lg:max-h-dvh max-lg:w-full max-lg:portrait:sticky lg:h-dvh";

// Commands that make sense while no film plays.
const ALWAYS: ReadonlySet<string> = new Set(["help", "title", "fullscreen", "wide"]);

/** Leave the focus where it is, so that keys go on to the player after a click on one of its buttons. */
function keepFocus(event: MouseEvent) {
  if (event.target instanceof Element && !event.target.closest("input, select, dialog")) event.preventDefault();
}
