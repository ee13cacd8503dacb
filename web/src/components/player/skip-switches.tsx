import { useMemo } from "react";
import { covered } from "@/lib/savings";
import type { PlayerHand } from "@/lib/player/hands";
import { fill, lengthText } from "@/lib/player/words";
import type { SkipMode } from "@/lib/player/skip-zones";
import type { PlayerWords } from "./words";

type Props = {
  hands: readonly PlayerHand[];
  duration: number;
  mode: SkipMode;
  words: PlayerWords;
  onMode: (mode: SkipMode) => void;
};

/** Hand Skip and Best Hands, with what each makes of the film. */
export function SkipSwitches({ hands, duration, mode, words, onMode }: Props) {
  const lengths = useMemo(() => {
    const intervals = hands.map(({ start, end, best }) => ({ start_seconds: start, end_seconds: end, best }));
    return { hands: covered(intervals), best: covered(intervals.filter((hand) => hand.best)) };
  }, [hands]);
  const say = (seconds: number) =>
    fill(words.saving, { total: lengthText(words, duration), play: lengthText(words, seconds) });
  return (
    <div className="grid gap-2 px-4 pb-4">
      <Switch label={words.handSkip} note={say(lengths.hands)} keys="H" on={mode === "hands"} onChange={() => onMode(mode === "hands" ? "off" : "hands")} />
      {lengths.best > 0 && (
        <Switch label={words.bestHands} note={say(lengths.best)} keys="B" on={mode === "best"} onChange={() => onMode(mode === "best" ? "off" : "best")} />
      )}
    </div>
  );
}

type SwitchProps = { label: string; note: string; keys: string; on: boolean; onChange: () => void };

export function Switch({ label, note, keys, on, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-keyshortcuts={keys || undefined}
      onClick={onChange}
      className="group flex min-h-14 items-center gap-3 rounded-card border border-line bg-raised px-3 py-2 text-left hover:border-line-strong aria-checked:border-accent"
    >
      <span className="min-w-0 grow">
        <span className="block text-sm font-medium">{label}</span>
        <span className="tabular block text-xs text-muted">{note}</span>
      </span>
      <span aria-hidden className="flex h-6 w-10 shrink-0 items-center rounded-full border border-line-strong bg-well p-0.5 group-aria-checked:border-accent group-aria-checked:bg-accent">
        <span className="size-4 rounded-full bg-muted transition-transform group-aria-checked:translate-x-4 group-aria-checked:bg-on-accent" />
      </span>
    </button>
  );
}
