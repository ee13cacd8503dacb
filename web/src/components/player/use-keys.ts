import { useEffect, useRef } from "react";
import { commandOf, type Command, type Focus } from "@/lib/player/keys";

/** Run the commands of the keyboard on the whole page, but in fields and dialogs. */
export function useKeys(letters: boolean, run: (command: Command) => boolean): void {
  const latest = useRef({ letters, run });
  useEffect(() => {
    latest.current = { letters, run };
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing) return;
      const command = commandOf(event, focusOf(event.target), latest.current.letters);
      // A key that had nothing to do stays the browser's.
      if (command && latest.current.run(command)) event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return "other";
  if (target.closest("dialog, textarea, select, [contenteditable], input:not([type=range])")) return "field";
  if (target.closest("input")) return "range";
  if (target.closest("button, summary")) return "button";
  return target.closest("a") ? "link" : "other";
}
