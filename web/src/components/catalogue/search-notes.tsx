import { useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";

type Props = { corrected: string | null; dropped: string[]; degraded: boolean };

/** How a search was understood. */
export function SearchNotes({ corrected, dropped, degraded }: Props) {
  const t = useTranslations("Search");
  if (!corrected && dropped.length === 0 && !degraded) return null;
  return (
    <Alert kind="note">
      {corrected && <p>{t.rich("corrected", { corrected, q: (text) => <strong>{text}</strong> })}</p>}
      {dropped.length > 0 && <p>{t("dropped", { words: dropped.join(", ") })}</p>}
      {degraded && <p>{t("degraded")}</p>}
    </Alert>
  );
}
