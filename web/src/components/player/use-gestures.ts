import { useRef, type PointerEvent } from "react";
import { readTap, type Tap } from "@/lib/player/taps";

type Actions = { onTap: () => void; onClick: () => void; onDoubleClick: () => void; onSide: (seconds: number) => void };

/** Return the handler for taps and clicks on the picture. */
export function useGestures({ onTap, onClick, onDoubleClick, onSide }: Actions) {
  const last = useRef<Tap | null>(null);
  return (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || event.target !== event.currentTarget) return;
    const box = event.currentTarget.getBoundingClientRect();
    const tap: Tap = { at: event.timeStamp, x: (event.clientX - box.left) / box.width };
    const touch = event.pointerType === "touch";
    const meaning = readTap(last.current, tap, touch);
    last.current = meaning.kind === "double" ? null : tap;
    switch (meaning.kind) {
      case "side":
        return onSide(meaning.seconds);
      case "double":
        return onDoubleClick();
      case "single":
        return touch ? onTap() : onClick();
    }
  };
}
