import type { PlayerHand } from "@/lib/player/hands";
import type { Preferences } from "@/lib/player/preferences";
import type { SkipMode } from "@/lib/player/skip-zones";
import { fill, lengthText } from "@/lib/player/words";
import type { PlayerWords } from "./words";

/** Return how a film is played: as the address says, or as the person left it. */
export function modeOf(wished: string | undefined, { hand_skip, best_hands }: Preferences): SkipMode {
  if (wished === "best" || wished === "skip") return wished === "best" ? "best" : "hands";
  return best_hands ? "best" : hand_skip ? "hands" : "off";
}

/** Return what a mode makes of a film, for the note. */
export function modeText(mode: SkipMode, hands: readonly PlayerHand[], duration: number, words: PlayerWords): string {
  if (mode === "off") return words.skipOff;
  const chosen = mode === "best" ? hands.filter((hand) => hand.best) : hands;
  const play = chosen.reduce((sum, { start, end }) => sum + end - start, 0);
  const saving = fill(words.saving, { total: lengthText(words, duration), play: lengthText(words, play) });
  return `${mode === "best" ? words.bestHands : words.handSkip}: ${saving}`;
}
