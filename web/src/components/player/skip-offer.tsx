import { SkipForward, Undo2 } from "lucide-react";
import { nextHand, type PlayerHand } from "@/lib/player/hands";
import { fill } from "@/lib/player/words";
import { clock } from "@/lib/time";
import type { HandSkip } from "./use-hand-skip";
import type { PlayerWords } from "./words";

const LOOK = "inline-flex min-h-11 items-center gap-2 rounded-card border border-white/40 bg-scrim px-4 text-sm font-medium text-white hover:border-white";

type Props = { handSkip: HandSkip; hands: readonly PlayerHand[]; words: PlayerWords };

/** "To hand 14" for as long as the gap lasts, or "skipped 1:20 – undo" after a skip. */
export function SkipOffer({ handSkip: { gap, skipped, skip, undo }, hands, words }: Props) {
  const next = gap && nextHand(hands, gap.end - 1);
  return (
    <div className="flex flex-wrap items-center justify-end gap-3">
      <p role="status" className="contents">
        {skipped && (
          <span className="tabular inline-flex min-h-11 items-center rounded-card bg-scrim px-3 text-sm text-white">
            {fill(words.skipped, { time: clock(skipped.to - skipped.from) })}
          </span>
        )}
      </p>
      {skipped && (
        <button type="button" className={LOOK} onClick={undo} data-undo>
          <Undo2 aria-hidden className="size-5" />
          {words.undo}
        </button>
      )}
      {gap && !skipped && (
        <button type="button" className={LOOK} onClick={skip} title={`${words.skipKey}`} data-skip>
          <SkipForward aria-hidden className="size-5" />
          {next ? fill(words.toHand, { number: next.index }) : words.skipGap}
        </button>
      )}
    </div>
  );
}
