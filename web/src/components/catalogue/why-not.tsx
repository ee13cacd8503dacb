import { useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";
import type { StreamInfo, Title } from "@/lib/api/catalogue";
import { formatName } from "@/lib/format-names";
import { readReason } from "@/lib/reasons";

type Props = { info: StreamInfo; rendition: Title["rendition"] };

type Kind = NonNullable<NonNullable<Title["rendition"]>["kind"]>;

// What encodes the picture again takes hours; the operator decides when.
const IS_SLOW: Record<Kind, boolean> = { remux: false, faststart: false, transcode: true, deinterlace: true };

/** Why a title does not play, and what is done about it. */
export function WhyNot({ info, rendition }: Props) {
  const [t, whyNot, reasons] = [useTranslations("Title"), useTranslations("WhyNot"), useTranslations("Reasons")];
  const progress = useTranslations("Rendition");
  if (info.playable) return null;
  const code = info.why_not === "STREAM_NOT_PLAYABLE" || info.why_not === "STREAM_FILE_MISSING" ? info.why_not : "other";
  const read = info.reasons.flatMap((reason) => readReason(reason) ?? []);
  const slow = rendition?.state === "waiting" && rendition.kind !== null && IS_SLOW[rendition.kind];
  return (
    <Alert kind="note" className="max-w-prose">
      <p className="font-medium">{t("whyNot")}</p>
      <p className="text-muted">{whyNot(code)}</p>
      {read.length > 0 && (
        <ul className="list-disc pl-4 text-muted">
          {read.map(({ key, value }) => (
            <li key={`${key} ${value}`}>{reasons(key, { value: value.split("+").map(formatName).join(" + ") })}</li>
          ))}
        </ul>
      )}
      {rendition && <p className="pt-1">{progress(slow ? "waitingLong" : rendition.state)}</p>}
    </Alert>
  );
}
