/** A hand as the player uses it; times in seconds. */
export type PlayerHand = {
  index: number;
  start: number;
  end: number;
  best: boolean;
  title: string | null;
  players: string[];
  pot: number | null;
};

/** After this many seconds of a hand, "previous" returns to its start first. */
const GRACE_S = 3;

/** Return the last hand that has begun and not ended, or null between hands. */
export function handAt(hands: readonly PlayerHand[], time: number): PlayerHand | null {
  return hands.findLast((hand) => hand.start <= time && time < hand.end) ?? null;
}

export function nextHand(hands: readonly PlayerHand[], time: number): PlayerHand | null {
  // A seek to the start of a hand may land a little before it.
  return hands.find((hand) => hand.start > time + 0.5) ?? null;
}

/** Return the hand to go back to: the current one if it has run for a while, otherwise the one before. */
export function previousHand(hands: readonly PlayerHand[], time: number): PlayerHand | null {
  return hands.findLast((hand) => hand.start < time - GRACE_S) ?? null;
}
