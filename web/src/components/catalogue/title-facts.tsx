import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import type { Title } from "@/lib/api/catalogue";
import { lengthLabel, moneyLabel } from "@/lib/labels";
import { valueLabels, type ValueLabel } from "@/lib/value-labels";

/** What is known of a title; what is not known is left out. */
export async function TitleFacts({ title }: { title: Title }) {
  const [t, duration, format, label] = await Promise.all([
    getTranslations("Title"),
    getTranslations("Duration"),
    getFormatter(),
    valueLabels(),
  ]);
  // A day of a broadcast is the same day everywhere.
  const day = (text: string, timeZone?: "UTC") => format.dateTime(new Date(text), { dateStyle: "long", timeZone });
  const facts: [Parameters<typeof t>[0], ReactNode][] = [
    ["fact.series", title.series && <FactLink href={`/series/${title.series.id}`}>{title.series.title}</FactLink>],
    ["fact.date", title.date && day(title.date, "UTC")],
    ["fact.year", title.date === null && title.year],
    ["fact.event", eventOf(title, label)],
    ["fact.eventNumber", title.event_number !== null && `#${title.event_number}`],
    ["fact.buyIn", title.buy_in !== null && moneyLabel(format, title.buy_in, title.currency)],
    ["fact.game", title.game && label("game", title.game)],
    ["fact.region", title.region && label("region", title.region)],
    ["fact.kind", title.content_type && label("content_type", title.content_type)],
    ["fact.duration", title.duration_seconds !== null && lengthLabel(duration, title.duration_seconds)],
    ["fact.picture", title.quality && label("quality", title.quality)],
    ["fact.players", title.players.length > 0 && <Players names={title.players} hands={title.hands} />],
    ["fact.added", day(title.created_at)],
  ];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts" className="pb-3 text-lg font-semibold">
        {t("facts")}
      </h2>
      <dl className="grid gap-x-8 gap-y-3 text-sm sm:grid-cols-2">
        {facts
          .filter(([, value]) => value)
          .map(([key, value]) => (
            <div key={key} className="grid grid-cols-[7rem_1fr] gap-3">
              <dt className="text-muted">{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function eventOf(title: Title, label: ValueLabel) {
  if (title.event_name) return label("event", title.event_name);
  return title.event_type && label("event_type", title.event_type);
}

function Players({ names, hands }: { names: string[]; hands: (string | null)[] }) {
  return names.map((name, index) => (
    <span key={name} className="block">
      <FactLink href={`/players/${encodeURIComponent(name)}`}>{name}</FactLink>
      {hands[index] && <span className="tabular text-muted"> {hands[index]}</span>}
    </span>
  ));
}

function FactLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} prefetch={false} className="underline decoration-line-strong underline-offset-4 hover:text-accent">
      {children}
    </Link>
  );
}
