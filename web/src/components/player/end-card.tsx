import { RotateCcw, SkipForward } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import type { Neighbour } from "./player";
import type { PlayerWords } from "./words";

type Props = { next: Neighbour | null; words: PlayerWords; onReplay: () => void };

/** At the end of a film: the next title, if there is one. Nothing starts by itself. */
export function EndCard({ next, words, onReplay }: Props) {
  return (
    <div className="absolute inset-0 z-10 grid place-items-center bg-[black]/75 p-4">
      <div className="grid max-w-md justify-items-center gap-3 text-center text-white">
        {next && (
          <p className="grid gap-1">
            <span className="text-sm text-white/85">{words.nextTitle}</span>
            <span className="text-lg font-semibold">{next.title}</span>
          </p>
        )}
        <div className="flex flex-wrap justify-center gap-3">
          {next && (
            <Button asChild>
              <Link href={`/watch/${next.id}`} prefetch={false}>
                <SkipForward aria-hidden />
                {words.playNext}
              </Link>
            </Button>
          )}
          <Button variant="secondary" onClick={onReplay}>
            <RotateCcw aria-hidden />
            {words.replay}
          </Button>
        </div>
      </div>
    </div>
  );
}
