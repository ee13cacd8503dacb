import { ArrowLeft, ArrowRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Meter } from "@/components/ui/meter";
import type { Neighbour } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { reachOf } from "@/lib/progress";
import { cn } from "@/lib/cn";
import { Poster } from "./poster";

type Props = { previous: Neighbour | null; next: Neighbour | null };

/** The titles that are watched before and after this one. */
export function Neighbours({ previous, next }: Props) {
  const t = useTranslations("Title");
  if (!previous && !next) return null;
  return (
    <nav aria-label={t("neighbours")} className="grid gap-4 md:grid-cols-2">
      {previous && <NeighbourLink neighbour={previous} way="previous" />}
      {next && <NeighbourLink neighbour={next} way="next" />}
    </nav>
  );
}

function NeighbourLink({ neighbour, way }: { neighbour: Neighbour; way: "previous" | "next" }) {
  const [t, card] = [useTranslations("Title"), useTranslations("Card")];
  const { percent, completed } = reachOf(neighbour.progress);
  const Arrow = way === "next" ? ArrowRight : ArrowLeft;
  return (
    <Link
      href={`/title/${neighbour.id}`}
      prefetch={false}
      className={cn(
        "group flex items-center gap-4 rounded-dialog border border-line bg-raised p-3 hover:border-line-strong",
        way === "next" && "md:col-start-2 md:flex-row-reverse md:text-right",
      )}
    >
      <span className="grid w-32 shrink-0 gap-1.5">
        <Poster picture={posterOf(neighbour)} sizes="128px" missing={card("noPicture")} />
        {percent > 0 && <Meter percent={percent} />}
      </span>
      <span className="grid min-w-0 gap-0.5">
        <span className={cn("inline-flex items-center gap-1 text-xs text-muted", way === "next" && "md:flex-row-reverse")}>
          <Arrow aria-hidden className="size-4" />
          {t(way)}
        </span>
        <span className="line-clamp-2 text-sm font-medium group-hover:text-accent">{neighbour.title}</span>
        {percent > 0 && <span className="text-xs text-muted">{completed ? t("completed") : t("progress", { percent })}</span>}
      </span>
    </Link>
  );
}
