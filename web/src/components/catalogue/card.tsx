import Link from "next/link";
import { useTranslations } from "next-intl";
import type { Listed } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { lengthLabel, valueLabel } from "@/lib/labels";
import { percentWatched } from "@/lib/savings";
import { clock } from "@/lib/time";
import { partsOf } from "@/lib/title-parts";
import { Poster } from "./poster";

type Progress = { progress_seconds: number; completed: boolean } | null;
type Props = { title: Listed & { progress?: Progress }; name?: string; eager?: boolean };

export const CARD_SIZES = "(width >= 112rem) 288px, (width >= 48rem) 224px, 45vw";

/** A title in a list: one link, read as title, length and how much was watched. */
export function Card({ title, name = title.title, eager }: Props) {
  const [card, duration, values] = [useTranslations("Card"), useTranslations("Duration"), useTranslations("Values")];
  const { duration_seconds: length, progress } = title;
  const ready = title.status === "ready";
  const percent = progress?.completed ? 100 : progress ? percentWatched(progress.progress_seconds, length) : 0;
  const state = !ready
    ? card("preparing")
    : progress?.completed
      ? card("completed")
      : percent > 0 && card("watched", { percent });
  const facts = [
    title.year !== null && !name.includes(String(title.year)) && title.year,
    title.content_type && valueLabel(values, "content_type", title.content_type),
    title.quality === "4k" && "4K",
  ].filter(Boolean);
  const spoken = [length !== null && lengthLabel(duration, length), state].filter(Boolean).join(", ");
  const parts = partsOf(name);
  return (
    <Link href={`/title/${title.id}`} prefetch={false} className="group grid content-start gap-2">
      <span className="relative">
        <Poster
          picture={posterOf(title.urls)}
          sizes={CARD_SIZES}
          missing={card("noPicture")}
          eager={eager}
          className="transition-opacity group-hover:opacity-85"
        />
        {!ready && (
          <span aria-hidden className="absolute top-1.5 left-1.5 rounded-[4px] bg-scrim px-1.5 text-xs leading-5 text-white">{card("preparing")}</span>
        )}
        {length !== null && (
          <span aria-hidden className="tabular absolute right-1.5 bottom-1.5 rounded-[4px] bg-scrim px-1.5 text-xs leading-5 text-white">
            {clock(length)}
          </span>
        )}
      </span>
      {percent > 0 && (
        <span className="-mt-1 block h-[3px] overflow-hidden rounded-full bg-line">
          <span className="block h-full bg-accent" style={{ width: `${percent}%` }} />
        </span>
      )}
      <span className="grid gap-0.5">
        {parts.event && <span className="truncate text-sm leading-snug text-muted">{`${parts.event} `}</span>}
        <span className="line-clamp-2 text-sm leading-snug font-medium group-hover:text-accent">{parts.name}</span>
        {spoken && <span className="sr-only">{`, ${spoken}, `}</span>}
        <span className="truncate text-xs text-muted">{facts.join(" · ")}</span>
      </span>
    </Link>
  );
}
