import { useTranslations } from "next-intl";
import type { StreamInfo } from "@/lib/api/catalogue";
import { lengthLabel } from "@/lib/labels";
import { covered, savingOf } from "@/lib/savings";

const WIDTH = 1000;

/** What Hand Skip and Best Hands save of a title; nothing without hands. */
export function SavingNote({ info }: { info: StreamInfo }) {
  const [t, duration] = [useTranslations("Title"), useTranslations("Duration")];
  const saving = savingOf(info.total_seconds, info.action_seconds);
  if (!saving || info.hands.length === 0) return null;
  const say = (seconds: number) => lengthLabel(duration, seconds);
  const spans = info.hands.map((hand) => spanOf(hand.start_seconds, hand.end_seconds, saving.total));
  const best = info.best_hands;
  return (
    <section aria-labelledby="saving" className="rounded-dialog border border-line bg-raised p-5">
      <h2 id="saving" className="text-sm text-muted">
        {t("saving")}
      </h2>
      <p className="tabular pb-3 text-2xl font-semibold">{t("savingPlay", { time: say(saving.play) })}</p>
      <svg
        viewBox={`0 0 ${WIDTH} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("savingChart", { total: say(saving.total), play: say(saving.play) })}
        className="h-2.5 w-full rounded-full bg-line"
      >
        <path d={spans.join("")} fill="var(--hand)" />
      </svg>
      <p className="pt-3 text-sm text-muted">
        {t("savingText", { saved: say(saving.saved), percent: saving.percent, total: say(saving.total) })}
        {best.length > 0 && ` ${t("savingBest", { count: best.length, time: say(covered(best)) })}`}
      </p>
    </section>
  );
}

/** Return the path of a hand on the timeline; short ones stay visible. */
function spanOf(start: number, end: number, total: number): string {
  const x = (start / total) * WIDTH;
  const width = Math.max(1.5, ((end - start) / total) * WIDTH);
  return `M${x.toFixed(1)} 0h${width.toFixed(1)}v10h-${width.toFixed(1)}z`;
}
