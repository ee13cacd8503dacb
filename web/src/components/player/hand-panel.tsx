import { Link2, Star } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import type { PlayerHand } from "@/lib/player/hands";
import { handPath } from "@/lib/player/start-position";
import { fill } from "@/lib/player/words";
import { clock } from "@/lib/time";
import { handName } from "./hand-name";
import type { PlayerWords } from "./words";

type Props = {
  id: string;
  hands: readonly PlayerHand[];
  current: number | null;
  words: PlayerWords;
  onPlay: (hand: PlayerHand) => void;
  onCopy: (hand: PlayerHand) => void;
};

/** The hands beside the film; the one that plays stays in sight. */
export const HandPanel = memo(function HandPanel({ id, hands, current, words, onPlay, onCopy }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    const item = box?.querySelector<HTMLElement>("[aria-current]");
    // Only the list scrolls: the page stays where the viewer left it.
    if (!box || !item || box.scrollHeight <= box.clientHeight || box.contains(document.activeElement)) return;
    box.scrollTo({ top: item.offsetTop - box.clientHeight / 3 });
  }, [current]);
  return (
    <ol ref={list} className="relative min-h-0 grow overflow-y-auto border-t border-line">
      {hands.map((hand) => (
        <li key={hand.index} className="group relative [contain-intrinsic-size:auto_60px] [content-visibility:auto]">
          <a
            href={handPath(id, hand.index)}
            aria-current={hand.index === current ? "true" : undefined}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              onPlay(hand);
            }}
            className="flex min-h-14 gap-3 border-l-2 border-transparent py-2 pr-12 pl-4 -outline-offset-2 hover:bg-raised aria-[current]:border-accent aria-[current]:bg-raised"
          >
            <span className="tabular w-14 shrink-0 pt-0.5 text-xs text-muted">{clock(hand.start)}</span>
            <span className="min-w-0">
              <span className="flex items-center gap-1.5 text-sm font-medium">
                {hand.best && <Star aria-label={words.best} className="size-3.5 shrink-0 fill-current text-accent" />}
                <span className="line-clamp-2">{handName(hand, words)}</span>
              </span>
              <span className="tabular block truncate text-xs text-muted">{factsOf(hand, words)}</span>
            </span>
          </a>
          <button
            type="button"
            aria-label={fill(words.copyHand, { number: hand.index })}
            title={fill(words.copyHand, { number: hand.index })}
            onClick={() => onCopy(hand)}
            className={cn(
              "absolute top-1/2 right-2 inline-flex size-9 -translate-y-1/2 items-center justify-center rounded-card text-muted",
              "hover:bg-overlay hover:text-text pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 focus-visible:opacity-100",
            )}
          >
            <Link2 aria-hidden className="size-4" />
          </button>
        </li>
      ))}
    </ol>
  );
});

function factsOf(hand: PlayerHand, words: PlayerWords): string {
  const players = hand.title && hand.players.length > 0 ? hand.players.join(", ") : null;
  const pot = hand.pot === null ? null : fill(words.pot, { amount: hand.pot.toLocaleString(words.locale) });
  return [clock(hand.end - hand.start), pot, players].filter(Boolean).join(" · ");
}
