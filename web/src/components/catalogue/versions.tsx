import { useFormatter, useTranslations } from "next-intl";
import { Badge } from "@/components/ui/badge";
import type { TitleFile } from "@/lib/api/catalogue";
import { formatName } from "@/lib/format-names";
import { sizeLabel } from "@/lib/labels";
import { clock } from "@/lib/time";

/** The files that show a title. */
export function Versions({ files, playable }: { files: TitleFile[]; playable: boolean }) {
  const t = useTranslations("Title");
  if (files.length === 0) return null;
  const columns = ["version", "picture", "format", "length", "size", "state"] as const;
  return (
    <section>
      <h2 id="versions" className="pb-3 text-lg font-semibold">
        {t("versions")}
      </h2>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-labelledby="versions">
        <table className="tabular w-full text-left text-sm">
          <thead className="text-muted">
            <tr className="border-b border-line">
              {columns.map((column) => (
                <th key={column} scope="col" className="py-2 pr-6 font-normal whitespace-nowrap">
                  {t(`version.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {files.map((file) => (
              <FileRow key={file.id} file={file} plays={playable && file.plays === true} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FileRow({ file, plays }: { file: TitleFile; plays: boolean }) {
  const t = useTranslations("Title");
  const format = useFormatter();
  const sound: unknown = file.audio[0]?.codec;
  const codecs = [file.video_codec, typeof sound === "string" && sound].filter((code) => !!code).map((code) => formatName(String(code)));
  const kind = [file.container && formatName(file.container), codecs.join(" + ")].filter(Boolean).join(", ");
  return (
    <tr className="border-b border-line">
      <th scope="row" className="py-3 pr-6 font-medium">
        <span className="inline-flex items-center gap-2 whitespace-nowrap">
          {file.variant ?? t("mainVersion")}
          {plays && <Badge>{t("plays")}</Badge>}
        </span>
      </th>
      <td className="py-3 pr-6 whitespace-nowrap">{file.width && file.height ? `${file.width} × ${file.height}` : "–"}</td>
      <td className="py-3 pr-6 whitespace-nowrap">{kind || "–"}</td>
      <td className="py-3 pr-6">{file.duration_seconds !== null ? clock(file.duration_seconds) : "–"}</td>
      <td className="py-3 pr-6 whitespace-nowrap">{sizeLabel(format, file.size)}</td>
      <td className="py-3 whitespace-nowrap">{t(`state.${stateOf(file)}`)}</td>
    </tr>
  );
}

function stateOf(file: TitleFile) {
  if (file.missing_since) return "missing";
  if (file.quarantined_at) return "quarantined";
  return file.playability ?? "unknown";
}
