import { getTranslations } from "next-intl/server";

/** Return the words of all changes, for scripts. */
export async function changeLabels() {
  const t = await getTranslations("Changes");
  return {
    done: {
      list: { on: t("done.listOn"), off: t("done.listOff") },
      watched: { on: t("done.watchedOn"), off: t("done.watchedOff") },
      row: { on: t("done.rowOn"), off: t("done.rowOff") },
    },
    do: {
      list: { on: t("do.listOn"), off: t("do.listOff") },
      watched: { on: t("do.watchedOn"), off: t("do.watchedOff") },
      row: t("do.rowOff"),
      history: t("do.history"),
    },
    forgotten: t("done.history"),
    failed: t("failed"),
  };
}

export type ChangeLabels = Awaited<ReturnType<typeof changeLabels>>;
