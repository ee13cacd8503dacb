import { useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";
import type { StreamInfo } from "@/lib/api/catalogue";
import { formatName } from "@/lib/format-names";
import { readReason } from "@/lib/reasons";

/** Why a title does not play. What is planned for it is not in the API yet (issue 19, item 4). */
export function WhyNot({ info }: { info: StreamInfo }) {
  const [t, whyNot, reasons] = [useTranslations("Title"), useTranslations("WhyNot"), useTranslations("Reasons")];
  if (info.playable) return null;
  const code = info.why_not === "STREAM_NOT_PLAYABLE" || info.why_not === "STREAM_FILE_MISSING" ? info.why_not : "other";
  const read = info.reasons.flatMap((reason) => readReason(reason) ?? []);
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
    </Alert>
  );
}
