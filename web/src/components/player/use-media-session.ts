import { useEffect } from "react";
import type { Command } from "@/lib/player/keys";
import type { Film } from "@/lib/player/film";

type Shown = { title: string; album: string; poster: string | null };

/** Let the keyboard's media keys, headphones and the lock screen control the film. Tracks are hands. */
export function useMediaSession(film: Film, shown: Shown, run: (command: Command) => void): void {
  const { title, album, poster } = shown;
  useEffect(() => {
    if (!("mediaSession" in navigator)) return;
    const session = navigator.mediaSession;
    session.metadata = new MediaMetadata({ title, album, artwork: poster ? [{ src: poster }] : [] });
    const actions: Partial<Record<MediaSessionAction, MediaSessionActionHandler>> = {
      play: () => film.play(),
      pause: () => film.pause(),
      seekbackward: ({ seekOffset }) => film.jump(-(seekOffset ?? 10)),
      seekforward: ({ seekOffset }) => film.jump(seekOffset ?? 10),
      seekto: ({ seekTime }) => seekTime !== undefined && film.seek(seekTime, true),
      previoustrack: () => run({ name: "hand", step: -1 }),
      nexttrack: () => run({ name: "hand", step: 1 }),
    };
    const entries = Object.entries(actions) as [MediaSessionAction, MediaSessionActionHandler][];
    for (const [action, handler] of entries) session.setActionHandler(action, handler);
    const stop = film.subscribe(() => {
      const { time, duration, speed, paused } = film.view;
      session.playbackState = paused ? "paused" : "playing";
      if (duration > 0) session.setPositionState({ duration, playbackRate: speed, position: Math.min(time, duration) });
    });
    return () => {
      stop();
      session.metadata = null;
      for (const [action] of entries) session.setActionHandler(action, null);
    };
  }, [film, title, album, poster, run]);
}
