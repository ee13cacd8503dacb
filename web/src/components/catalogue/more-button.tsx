import { useTranslations } from "next-intl";
import type { Listed } from "@/lib/api/catalogue";
import { markText, type Marks } from "@/lib/card-marks";

/** What a place of a card adds to its menu. */
export type Placing = Pick<Marks, "inRow" | "ofList" | "inHistory">;

type Props = Placing & { title: Pick<Listed, "title" | "in_list" | "progress">; name?: string };

/** The button of the menu of a card, beside the link of the title; `CardActions` opens the menu. */
export function MoreButton({ title, name = title.title, ...placing }: Props) {
  const t = useTranslations("Card");
  return (
    <button
      type="button"
      className="card-more"
      aria-haspopup="menu"
      aria-label={t("more", { title: name })}
      data-more={markText({ inList: title.in_list, watched: title.progress?.is_watched, ...placing })}
    />
  );
}
