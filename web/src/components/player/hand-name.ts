import type { PlayerHand } from "@/lib/player/hands";
import { fill } from "@/lib/player/words";
import type { PlayerWords } from "./words";

/** Return what a hand is called: its number, and its title or players. */
export function handName({ index, title, players }: PlayerHand, words: Pick<PlayerWords, "handNumber" | "handNamed">): string {
  const name = title ?? players.join(", ");
  return name ? fill(words.handNamed, { number: index, name }) : fill(words.handNumber, { number: index });
}
