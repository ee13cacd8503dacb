import { ArrowLeft, ArrowRight } from "lucide-react";
import Link from "next/link";
import { cn } from "@/lib/cn";
import type { Neighbour } from "./player";
import type { PlayerWords } from "./words";

type Props = { previous: Neighbour | null; next: Neighbour | null; words: PlayerWords; className?: string };

const LINK = "flex min-h-14 items-center gap-3 px-4 py-2 text-sm -outline-offset-2 hover:bg-raised";

/** The ways to the titles before and after this one. */
export function NeighbourLinks({ previous, next, words, className }: Props) {
  if (!previous && !next) return null;
  return (
    <nav aria-label={words.neighbours} className={cn("grid shrink-0 border-t border-line", className)}>
      {previous && (
        <Link href={`/watch/${previous.id}`} prefetch={false} className={LINK}>
          <ArrowLeft aria-hidden className="size-5 shrink-0 text-muted" />
          <Name kind={words.previousTitle} title={previous.title} />
        </Link>
      )}
      {next && (
        <Link href={`/watch/${next.id}`} prefetch={false} className={cn(LINK, "flex-row-reverse text-right")}>
          <ArrowRight aria-hidden className="size-5 shrink-0 text-muted" />
          <Name kind={words.nextTitle} title={next.title} />
        </Link>
      )}
    </nav>
  );
}

function Name({ kind, title }: { kind: string; title: string }) {
  return (
    <span className="min-w-0 grow">
      <span className="block text-xs text-muted">{kind}</span>
      <span className="line-clamp-1 font-medium">{title}</span>
    </span>
  );
}
