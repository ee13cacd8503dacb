import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { errorLabel } from "@/lib/error-label";
import { wrongField } from "@/lib/field-errors";
import { lengthLabel } from "@/lib/labels";
import { one, type SearchParams } from "@/lib/filters";
import { localPath } from "@/lib/request-path";

type Props = { action: string; params: SearchParams; submit: string; children: ReactNode };

const A_DAY_S = 86_400;

/** A plain form of the API: it works without scripts, and comes back with `?error=CODE&field=&wait=`. */
export async function EntryForm({ action, params, submit, children }: Props) {
  const [t, errors, duration] = await Promise.all([getTranslations("Entry"), getTranslations("Errors"), getTranslations("Duration")]);
  const [code, wait] = [one(params, "error"), Number(one(params, "wait"))];
  return (
    <form method="post" action={action} className="grid gap-5">
      {code && (
        <Alert kind="danger">
          <p>{wrongField(params) ? t("correct") : errorLabel(errors, code)}</p>
          {wait > 0 && wait < A_DAY_S && <p>{t("wait", { time: lengthLabel(duration, wait) })}</p>}
        </Alert>
      )}
      <input type="hidden" name="next" value={localPath(one(params, "next"))} />
      {children}
      <Button type="submit">{submit}</Button>
    </form>
  );
}
