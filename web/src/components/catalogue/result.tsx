import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { Meter } from "@/components/ui/meter";
import type { Hit } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { lengthLabel } from "@/lib/labels";
import { reachOf } from "@/lib/progress";
import type { ValueLabel } from "@/lib/value-labels";
import { Highlighted } from "./highlighted";
import { MoreButton } from "./more-button";
import { Poster } from "./poster";

/** A title that was found, with the words in its name. */
export function Result({ hit, label }: { hit: Hit; label: ValueLabel }) {
  const [card, duration] = [useTranslations("Card"), useTranslations("Duration")];
  const { percent, completed } = reachOf(hit.progress);
  const format = useFormatter();
  const facts = [
    hit.brand && label("brand", hit.brand),
    hit.date ? format.dateTime(new Date(hit.date), { dateStyle: "medium", timeZone: "UTC" }) : hit.year,
    hit.content_type && label("content_type", hit.content_type),
    hit.duration_seconds !== null && lengthLabel(duration, hit.duration_seconds),
    hit.status !== "ready" && card("preparing"),
    completed ? card("completed") : percent > 0 && card("watched", { percent }),
  ].filter(Boolean);
  return (
    <>
      <Link href={`/title/${hit.id}`} prefetch={false} className="group -mx-2 flex gap-4 rounded-card p-2 hover:bg-raised">
        <span className="grid w-32 shrink-0 content-start gap-1.5 md:w-48">
          <Poster picture={posterOf(hit)} sizes="(width >= 48rem) 192px, 128px" missing={card("noPicture")} />
          {percent > 0 && <Meter percent={percent} />}
        </span>
        <span className="grid min-w-0 content-start gap-1">
          <span className="line-clamp-2 font-medium">
            <Highlighted html={hit.highlights.title} />
          </span>
          <span className="tabular text-sm text-muted">{facts.join(" · ")}</span>
          {hit.players.length > 0 && <span className="line-clamp-1 text-sm text-muted">{hit.players.join(", ")}</span>}
        </span>
      </Link>
      <MoreButton title={hit} />
    </>
  );
}
