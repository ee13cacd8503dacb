import { useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";

const REST_MS = 3_000;

/** Return whether the controls are to be hidden: the film plays, nothing moves, and no key focus is in them. */
export function useIdle(area: RefObject<HTMLElement | null>, playing: boolean) {
  const [idle, setIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  function rest() {
    const held = area.current?.querySelector("[data-controls] :focus-visible, [data-controls] select:focus");
    if (held) timer.current = setTimeout(rest, REST_MS);
    else setIdle(true);
  }
  function wake(milliseconds = REST_MS) {
    clearTimeout(timer.current);
    setIdle(false);
    timer.current = setTimeout(rest, milliseconds);
  }
  function sleep() {
    clearTimeout(timer.current);
    setIdle(true);
  }

  // Without a pointer nothing moves that would start the rest.
  const begin = useEffectEvent(() => {
    timer.current = setTimeout(rest, REST_MS);
  });
  useEffect(() => {
    if (playing) begin();
    return () => clearTimeout(timer.current);
  }, [playing]);
  return { idle: idle && playing, wake, sleep };
}
