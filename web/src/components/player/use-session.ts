import { useEffect, useRef, useState } from "react";
import { callsOf } from "@/lib/player/calls";
import type { Film } from "@/lib/player/film";
import { PlaybackSession, type SessionState } from "@/lib/player/session";

export type Playback = {
  state: SessionState;
  /** Whether the film fails although its session is good: no version that this browser shows. */
  broken: boolean;
  start: (takeOver?: string) => void;
};

const PATIENCE_MS = 12_000;
const SETTLE_MS = 600;
const MOST_FAILURES = 3;

/** Play a title in a session of its own, from `wished` or from where the person was. */
export function useSession(id: string, film: Film, wished: number | null): Playback {
  const [state, setState] = useState<SessionState>({ kind: "starting" });
  const [broken, setBroken] = useState(false);
  const current = useRef<PlaybackSession | null>(null);

  useEffect(() => {
    let [begun, failures, url] = [false, 0, ""];
    let [watch, saving] = [undefined, undefined] as (ReturnType<typeof setTimeout> | undefined)[];
    const stop = new AbortController();
    const reached = () => (begun ? film.view.time : 0);
    // Back shows the page as it was rendered, with a wish that was fulfilled.
    const wish = hasWish() ? wished : null;

    const session = new PlaybackSession(callsOf(id), reached, (next) => {
      setState(next);
      if (next.kind === "playing" && next.url !== url) {
        url = next.url;
        const at = begun ? film.view.time : (wish ?? next.continueAt);
        film.load(url, at);
        if (!begun && wish !== null) film.choose();
        begun = true;
        forgetWish();
      }
      if (next.kind !== "playing") {
        url = "";
        if (next.kind !== "starting" && next.kind !== "unreachable") film.hold();
      }
    });
    current.current = session;

    function onError() {
      failures += 1;
      // The next start loads the film again, even if its address is the same.
      url = "";
      if (failures > MOST_FAILURES && navigator.onLine) {
        setBroken(true);
        return;
      }
      setTimeout(() => !stop.signal.aborted && void session.renew(), failures === 1 ? 0 : 2_000);
    }
    // A held key makes many seeks; the last position is the one to save.
    function saveSoon() {
      clearTimeout(saving);
      saving = setTimeout(() => void session.beat(), SETTLE_MS);
    }
    // A browser waits for lost bytes for minutes; a new request finds them at once.
    function onView() {
      clearTimeout(watch);
      if (film.view.shown && !film.view.stalled && !film.view.paused) failures = 0;
      if (film.view.stalled && !film.view.paused && session.state.kind === "playing") {
        watch = setTimeout(reload, PATIENCE_MS);
      }
    }
    function reload() {
      url = "";
      void session.renew();
    }
    function onOnline() {
      if (film.view.stalled && session.state.kind === "playing") reload();
      else session.hurry();
    }
    function onShow(event: PageTransitionEvent) {
      // The page came back from the browser's memory: its session ended as it was left.
      if (event.persisted) void session.start();
    }
    function onVisibility() {
      if (document.visibilityState === "hidden") session.saveAtLast();
    }

    const ends = [
      film.on("pause", saveSoon),
      film.on("seeked", saveSoon),
      film.on("error", onError),
      film.subscribe(onView),
    ];
    window.addEventListener("pagehide", () => session.end(), stop);
    window.addEventListener("pageshow", onShow, stop);
    window.addEventListener("online", onOnline, stop);
    document.addEventListener("visibilitychange", onVisibility, stop);
    void session.start();
    return () => {
      stop.abort();
      clearTimeout(watch);
      clearTimeout(saving);
      ends.forEach((end) => end());
      session.end();
    };
  }, [id, film, wished]);

  const start = (takeOver?: string) => {
    setBroken(false);
    film.want();
    void current.current?.start(takeOver ?? null);
  };
  return { state, broken, start };
}

function hasWish(): boolean {
  const query = new URLSearchParams(window.location.search);
  return query.has("t") || query.has("hand");
}

// A reload should continue where the film is, not where the link led to.
function forgetWish() {
  const { pathname, search } = window.location;
  if (search) window.history.replaceState(null, "", pathname);
}
