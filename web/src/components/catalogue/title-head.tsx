import { Play, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import type { StreamInfo, Title } from "@/lib/api/catalogue";
import { posterOf } from "@/lib/api/pictures";
import { lengthLabel, valueLabel } from "@/lib/labels";
import { reachOf } from "@/lib/progress";
import { clock } from "@/lib/time";
import { nameInSeries } from "@/lib/title-parts";
import { Stage } from "./stage";
import { TitleName } from "./title-name";
import { WhyNot } from "./why-not";

type Props = { title: Title; info: StreamInfo | null; watch: string; actions: ReactNode };

/** The name of a title, how far the person came, and the way into the player. */
export function TitleHead({ title, info, watch, actions }: Props) {
  const [t, values, duration] = [useTranslations("Title"), useTranslations("Values"), useTranslations("Duration")];
  const format = useFormatter();
  const { progress, duration_seconds: length } = title;
  // A title that is named like its series names it already.
  const series = title.series?.title === title.short_title ? null : title.series;
  const begun = progress && !progress.completed && progress.progress_seconds > 0 ? progress.progress_seconds : null;
  const { percent } = begun ? reachOf(progress) : { percent: 0 };
  const facts = [
    title.date ? format.dateTime(new Date(title.date), { dateStyle: "medium", timeZone: "UTC" }) : title.year,
    title.content_type && valueLabel(values, "content_type", title.content_type),
    length !== null && lengthLabel(duration, length),
  ].filter(Boolean);
  return (
    <Stage picture={posterOf(title, Infinity)}>
      {series && (
        <Link href={`/series/${series.id}`} prefetch={false} className="inline-flex min-h-6 items-center text-sm font-medium text-accent underline-offset-4 hover:underline">
          {series.title}
        </Link>
      )}
      <TitleName title={series ? nameInSeries(title.short_title, series.title) : title.title} />
      <p className="tabular flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
        {facts.join(" · ")}
        {title.quality === "4k" && <Badge>4K</Badge>}
        {progress?.is_watched && <Badge>{t("completed")}</Badge>}
      </p>
      {title.description && <p className="max-w-prose">{title.description}</p>}
      {percent > 0 && (
        <p className="w-64 max-w-full">
          <Meter percent={percent} />
          <span className="tabular block pt-1 text-xs text-muted">{t("progress", { percent })}</span>
        </p>
      )}
      {info?.playable === false ? (
        <WhyNot info={info} rendition={title.rendition} />
      ) : (
        <div className="flex flex-wrap gap-3 pt-2">
          <Button asChild>
            <Link href={watch} prefetch={false}>
              <Play aria-hidden className="fill-current" />
              {begun ? t("resume", { time: clock(begun) }) : t("play")}
            </Link>
          </Button>
          {begun !== null && (
            <Button asChild variant="secondary">
              <Link href={`${watch}?t=0`} prefetch={false}>
                <RotateCcw aria-hidden />
                {t("restart")}
              </Link>
            </Button>
          )}
        </div>
      )}
      {actions}
    </Stage>
  );
}
