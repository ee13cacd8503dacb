import { getTranslations } from "next-intl/server";
import { SearchBox } from "./search-box";

type Props = { inHeader?: boolean; shortcut?: boolean; autoFocus?: boolean };

export async function SearchField(props: Props) {
  const t = await getTranslations("SearchBox");
  const labels = {
    label: t("label"),
    placeholder: t("placeholder"),
    submit: t("submit"),
    suggestions: t("suggestions"),
    player: t("player"),
    series: t("series"),
    // The number and the words are known in the browser only.
    all: t.raw("all") as string,
  };
  return <SearchBox labels={labels} {...props} />;
}
