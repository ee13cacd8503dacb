import { Star } from "lucide-react";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import type { Hand } from "@/lib/api/catalogue";
import { lengthLabel } from "@/lib/labels";
import { clock } from "@/lib/time";

type Props = { hands: Hand[]; watch: string };

/** The hands of a title, each a way into the player. */
export function HandList({ hands, watch }: Props) {
  const t = useTranslations("Title");
  if (hands.length === 0) return null;
  return (
    <section aria-labelledby="hands">
      <div className="flex items-baseline gap-3 pb-3">
        <h2 id="hands" className="text-lg font-semibold">
          {t("hands")}
        </h2>
        <p className="tabular text-sm text-muted">{t("handsCount", { count: hands.length })}</p>
      </div>
      <ol className="grid border-t border-line">
        {hands.map((hand) => (
          <HandItem key={hand.id} hand={hand} href={`${watch}?hand=${hand.hand_index}`} />
        ))}
      </ol>
    </section>
  );
}

function HandItem({ hand, href }: { hand: Hand; href: string }) {
  const [t, duration] = [useTranslations("Title"), useTranslations("Duration")];
  const format = useFormatter();
  const facts = [
    hand.players.length > 0 && hand.players.join(", "),
    hand.pot_size !== null && t("pot", { amount: format.number(hand.pot_size) }),
    lengthLabel(duration, hand.end_seconds - hand.start_seconds),
  ].filter(Boolean);
  return (
    <li className="deferred border-b border-line [contain-intrinsic-size:auto_64px]">
      <Link href={href} prefetch={false} className="group -mx-2 flex min-h-14 items-center gap-4 rounded-card px-2 py-2.5 hover:bg-raised">
        <span className="tabular w-16 shrink-0 text-sm text-muted">{clock(hand.start_seconds)}</span>
        <span className="min-w-0 grow">
          <span className="block text-sm font-medium group-hover:text-accent">{hand.title ?? t("handNumber", { number: hand.hand_index })}</span>
          <span className="tabular block text-xs text-muted">{facts.join(" · ")}</span>
        </span>
        {hand.is_best && (
          <span className="inline-flex shrink-0 items-center gap-1 text-xs text-accent">
            <Star aria-hidden className="size-4 fill-current" />
            {t("best")}
          </span>
        )}
      </Link>
    </li>
  );
}
