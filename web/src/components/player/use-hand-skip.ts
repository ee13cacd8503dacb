import { useEffect, useMemo, useRef, useState } from "react";
import type { Film } from "@/lib/player/film";
import type { PlayerHand } from "@/lib/player/hands";
import { gapAt, gapsOf, SkipPolicy, type Skip, type SkipMode, type Zone } from "@/lib/player/skip-zones";
import { useFilm } from "./use-film";

/** How long a skip can be undone by the button. */
const UNDO_MS = 5_000;

export type HandSkip = {
  /** The gap the film is in, with a hand after it. */
  gap: Zone | null;
  skipped: Skip | null;
  skip: () => void;
  undo: () => void;
};

/** Skip the gaps between hands by the mode, and offer to where it does not. */
export function useHandSkip(film: Film, hands: readonly PlayerHand[], mode: SkipMode): HandSkip {
  const duration = useFilm(film, (view) => view.duration);
  const gaps = useMemo(
    () => gapsOf(mode === "best" ? hands.filter((hand) => hand.best) : hands, duration),
    [hands, mode, duration],
  );
  const [skipped, setSkipped] = useState<Skip | null>(null);
  const policy = useRef(new SkipPolicy());
  const start = useFilm(film, ({ time }) => (time < duration ? (gapAt(gaps, time)?.start ?? null) : null));
  const gap = gaps.find((one) => one.start === start && one.end < duration - 1) ?? null;

  useEffect(() => {
    const rules = policy.current;
    const keep = () => rules.keep(gaps, film.view.time);
    const off = film.on("chosen", keep);
    if (mode === "off") return off;
    const stop = film.subscribe(() => {
      const { time, paused, seeking, shown } = film.view;
      if (paused || seeking || !shown) return;
      const next = rules.at(gaps, time);
      if (!next) return;
      film.seek(next.to);
      setSkipped(next);
    });
    return () => {
      off();
      stop();
    };
  }, [film, gaps, mode]);

  useEffect(() => {
    if (!skipped) return;
    const timer = setTimeout(() => setSkipped(null), UNDO_MS);
    return () => clearTimeout(timer);
  }, [skipped]);

  function skip() {
    if (!gap) return;
    setSkipped({ from: film.view.time, to: gap.end });
    film.seek(gap.end);
  }
  function undo() {
    if (!skipped) return;
    setSkipped(null);
    film.seek(skipped.from, true);
    film.play();
  }
  return { gap, skipped, skip, undo };
}
