import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { errorLabel } from "@/lib/error-label";
import { one, type SearchParams } from "@/lib/filters";
import { localPath } from "@/lib/request-path";

type Props = { action: string; params: SearchParams; submit: string; children: ReactNode };

/** A plain form of the API: it works without scripts, and comes back with `?error=CODE&email=`. */
export async function EntryForm({ action, params, submit, children }: Props) {
  const errors = await getTranslations("Errors");
  const code = one(params, "error");
  return (
    <form method="post" action={action} className="grid gap-5">
      {code && <Alert kind="danger">{errorLabel(errors, code)}</Alert>}
      <input type="hidden" name="next" value={localPath(one(params, "next"))} />
      {children}
      <Button type="submit">{submit}</Button>
    </form>
  );
}
