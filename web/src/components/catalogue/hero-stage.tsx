import { Info, Play } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { posterOf } from "@/lib/api/pictures";
import type { Hero } from "@/lib/hero";
import { lengthLabel, valueLabel } from "@/lib/labels";
import { reachOf } from "@/lib/progress";
import { Stage } from "./stage";
import { TitleName } from "./title-name";

/** The title at the top of home. */
export function HeroStage({ hero }: { hero: Hero }) {
  const t = useTranslations();
  const values = useTranslations("Values");
  const duration = useTranslations("Duration");
  const { title, kind } = hero;
  const { progress, duration_seconds: length } = title;
  const percent = kind === "resume" ? reachOf(progress).percent : 0;
  const left = kind === "resume" && progress && length ? length - progress.progress_seconds : null;
  const facts = [
    title.content_type && valueLabel(values, "content_type", title.content_type),
    length !== null && lengthLabel(duration, length),
    left !== null && t("Card.left", { time: lengthLabel(duration, left) }),
  ].filter(Boolean);
  return (
    <section aria-labelledby="hero">
      <Stage picture={posterOf(title, Infinity)}>
        <p className="text-sm font-medium text-accent">{t(`Home.eyebrow.${kind}`)}</p>
        <TitleName id="hero" title={title.title} />
        <p className="tabular text-muted">{facts.join(" · ")}</p>
        {percent > 0 && <Meter percent={percent} className="w-64 max-w-full" />}
        <div className="flex flex-wrap gap-3 pt-2">
          <Button asChild>
            <Link href={`/watch/${title.id}`} prefetch={false}>
              <Play aria-hidden className="fill-current" />
              {t(kind === "resume" ? "Home.resume" : "Home.play")}
            </Link>
          </Button>
          <Button asChild variant="secondary">
            <Link href={`/title/${title.id}`} prefetch={false}>
              <Info aria-hidden />
              {t("Home.details")}
            </Link>
          </Button>
        </div>
      </Stage>
    </section>
  );
}
