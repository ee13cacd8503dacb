import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { copyText } from "@/lib/player/clipboard";
import type { Film } from "@/lib/player/film";
import { isFullscreen, toggleFullscreen, togglePicture } from "@/lib/player/screen";
import { nextHand, previousHand, type PlayerHand } from "@/lib/player/hands";
import { stepSpeed, type Command } from "@/lib/player/keys";
import type { Preferences } from "@/lib/player/preferences";
import type { SkipMode } from "@/lib/player/skip-zones";
import { handPath, momentPath } from "@/lib/player/start-position";
import { fill } from "@/lib/player/words";
import { clock } from "@/lib/time";
import { handName } from "./hand-name";
import type { Neighbour } from "./player";
import type { PlayerWords } from "./words";

type Parts = {
  id: string;
  film: Film;
  hands: readonly PlayerHand[];
  frameRate: number;
  stage: RefObject<HTMLElement | null>;
  words: PlayerWords;
  previous: Neighbour | null;
  next: Neighbour | null;
  mode: SkipMode;
  setMode: (mode: SkipMode) => void;
  setWide: (change: (wide: boolean) => boolean) => void;
  setHelp: (open: boolean) => void;
  wake: (milliseconds?: number) => void;
  skip: (() => void) | null;
  keep: (changes: Partial<Preferences>) => void;
};

export type Note = { text: string; number: number };

/** Return what carries out the commands of keys and buttons, and the short note that says what was done. */
export function useCommands(parts: Parts) {
  const router = useRouter();
  const [note, setNote] = useState<Note | null>(null);
  const latest = useRef(parts);
  useEffect(() => {
    latest.current = parts;
  });
  const say = useCallback((text: string) => setNote((old) => ({ text, number: (old?.number ?? 0) + 1 })), []);
  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => setNote(null), 1_500);
    return () => clearTimeout(timer);
  }, [note]);

  const playHand = useCallback(
    (hand: PlayerHand) => {
      const { film, words } = latest.current;
      film.seek(hand.start);
      film.play();
      say(handName(hand, words));
    },
    [say],
  );
  const copy = useCallback(
    async (path: string) => {
      const done = await copyText(new URL(path, window.location.origin).href);
      say(done ? latest.current.words.copied : latest.current.words.notCopied);
    },
    [say],
  );
  const copyHand = useCallback((hand: PlayerHand) => void copy(handPath(latest.current.id, hand.index)), [copy]);

  /** Carry out a command; false if there was nothing to do. */
  const run = useCallback(
    (command: Command): boolean => {
      const { film, hands, words, ...rest } = latest.current;
      rest.wake();
      const where = () => say(`${clock(film.view.time)} / ${clock(film.view.duration)}`);
      switch (command.name) {
        case "toggle":
          film.toggle();
          say(film.wanted ? words.play : words.pause);
          return true;
        case "jump":
          film.jump(command.seconds);
          say(fill(command.seconds < 0 ? words.jumpedBack : words.jumped, { seconds: Math.abs(command.seconds), time: clock(film.view.time) }));
          return true;
        case "tenth":
          film.seek((film.view.duration * command.tenth) / 10, true);
          where();
          return true;
        case "begin":
          film.seek(0, true);
          where();
          return true;
        case "end":
          film.seek(film.view.duration, true);
          where();
          return true;
        case "frame":
          if (!film.view.paused) return false;
          film.jump(command.step / rest.frameRate);
          say(command.step > 0 ? words.frameOn : words.frameBack);
          return true;
        case "speed": {
          const speed = stepSpeed(film.view.speed, command.step);
          film.setSpeed(speed);
          rest.keep({ speed });
          say(fill(words.speedValue, { speed }));
          return true;
        }
        case "volume": {
          const volume = film.setVolume(film.view.volume + command.change);
          rest.keep({ volume });
          say(fill(words.volumeValue, { percent: Math.round(volume * 100) }));
          return true;
        }
        case "mute":
          film.setMuted(!film.view.muted);
          say(film.element?.muted ? words.muted : words.unmuted);
          return true;
        case "hand": {
          const hand = (command.step > 0 ? nextHand : previousHand)(hands, film.view.time);
          if (hand) playHand(hand);
          else say(hands.length === 0 ? words.noHands : command.step > 0 ? words.lastHand : words.firstHand);
          return true;
        }
        case "title": {
          const neighbour = command.step > 0 ? rest.next : rest.previous;
          if (neighbour) router.push(`/watch/${neighbour.id}`);
          else say(command.step > 0 ? words.noNextTitle : words.noPreviousTitle);
          return true;
        }
        case "handSkip":
        case "bestHands": {
          const wished = command.name === "handSkip" ? "hands" : "best";
          const some = wished === "best" ? hands.some((hand) => hand.best) : hands.length > 0;
          if (!some) say(words.noHands);
          else rest.setMode(rest.mode === wished ? "off" : wished);
          return true;
        }
        case "fullscreen":
          say(isFullscreen() ? words.leaveFullscreen : words.fullscreen);
          void toggleFullscreen(rest.stage.current, film.element);
          return true;
        case "picture":
          void togglePicture(film.element).then((done) => say(done ? words.picture : words.noPicture));
          return true;
        case "wide":
          rest.setWide((wide) => !wide);
          say(words.wide);
          return true;
        case "captions":
          say(words.noCaptions);
          return true;
        case "copy":
          void copy(momentPath(rest.id, film.view.time));
          return true;
        case "controls":
          rest.wake(6_000);
          say(fill(words.left, { time: clock((film.view.duration - film.view.time) / film.view.speed) }));
          return true;
        case "help":
          rest.setHelp(true);
          return true;
        case "skip":
          rest.skip?.();
          return rest.skip !== null;
        case "escape":
          return false;
      }
    },
    [copy, playHand, router, say],
  );
  return { run, note, say, playHand, copyHand };
}
