import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import type { Hit } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { lengthLabel, valueLabel } from "@/lib/labels";
import { Highlighted } from "./highlighted";
import { Poster } from "./poster";

/** A title that was found, with the words in its name. */
export function Result({ hit }: { hit: Hit }) {
  const [card, values, duration] = [useTranslations("Card"), useTranslations("Values"), useTranslations("Duration")];
  const format = useFormatter();
  const facts = [
    hit.brand && valueLabel(values, "brand", hit.brand),
    hit.date ? format.dateTime(new Date(hit.date), { dateStyle: "medium" }) : hit.year,
    hit.content_type && valueLabel(values, "content_type", hit.content_type),
    hit.duration_seconds !== null && lengthLabel(duration, hit.duration_seconds),
    hit.status !== "ready" && card("preparing"),
  ].filter(Boolean);
  return (
    <Link href={`/title/${hit.id}`} prefetch={false} className="group -mx-2 flex gap-4 rounded-card p-2 hover:bg-raised">
      <Poster picture={posterOf(hit.urls)} sizes="(width >= 48rem) 192px, 128px" missing={card("noPicture")} className="w-32 shrink-0 self-start md:w-48" />
      <span className="grid min-w-0 content-start gap-1">
        <span className="line-clamp-2 font-medium">
          <Highlighted html={hit.highlights.title} />
        </span>
        <span className="tabular text-sm text-muted">{facts.join(" · ")}</span>
        {hit.players && hit.players.length > 0 && <span className="line-clamp-1 text-sm text-muted">{hit.players.join(", ")}</span>}
      </span>
    </Link>
  );
}
