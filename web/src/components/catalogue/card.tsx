import Link from "next/link";
import { useTranslations } from "next-intl";
import { Meter } from "@/components/ui/meter";
import type { Listed } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { lengthLabel, valueLabel } from "@/lib/labels";
import { reachOf } from "@/lib/progress";
import { clock } from "@/lib/time";
import { partsOf } from "@/lib/title-parts";
import { MoreButton, type Placing } from "./more-button";
import { Poster } from "./poster";

type Props = Placing & { title: Listed; name?: string; eager?: boolean };

export const CARD_SIZES = "(width >= 112rem) 288px, (width >= 48rem) 224px, 45vw";

/** A title in a list: one link, read as title, length and how much was watched; and the button of its menu. */
export function Card({ title, name: whole = title.title, eager, ...placing }: Props) {
  const [card, duration, values] = [useTranslations("Card"), useTranslations("Duration"), useTranslations("Values")];
  const { duration_seconds: length, progress } = title;
  const ready = title.status === "ready";
  const { percent, completed } = reachOf(progress);
  const state = !ready ? card("preparing") : completed ? card("completed") : percent > 0 && card("watched", { percent });
  const spoken = [length !== null && lengthLabel(duration, length), state].filter(Boolean).join(", ");
  const { event, name } = partsOf(whole);
  const facts = [
    title.year !== null && !title.title.includes(String(title.year)) && title.year,
    title.content_type && valueLabel(values, "content_type", title.content_type),
    title.quality === "4k" && "4K",
  ].filter(Boolean);
  return (
    <>
      <Link href={`/title/${title.id}`} prefetch={false} className="card">
        <span className="card-picture">
          <Poster picture={posterOf(title)} sizes={CARD_SIZES} missing={card("noPicture")} eager={eager} />
          {!ready && (
            <span aria-hidden className="card-state">
              {card("preparing")}
            </span>
          )}
          {length !== null && (
            <span aria-hidden className="card-length">
              {clock(length)}
            </span>
          )}
          {percent > 0 && <Meter percent={percent} />}
        </span>
        {event && <span className="card-event">{`${event} `}</span>}
        <span className="card-text">
          <span className="card-name">{name}</span>
          {spoken && <span className="sr-only">{`, ${spoken}, `}</span>}
          <span className="card-facts">{facts.join(" · ")}</span>
        </span>
      </Link>
      <MoreButton title={title} name={whole} {...placing} />
    </>
  );
}
