import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { headers } from "next/headers";
import { Button } from "@/components/ui/button";
import type { ApiFailure } from "@/lib/api/failure";
import { errorLabel } from "@/lib/error-label";
import { localPath, PATH_HEADER } from "@/lib/request-path";

/** What a page shows in place of what it could not read: what happened, and a way on. */
export async function Failure({ failure }: { failure: ApiFailure }) {
  const [t, errors, head] = await Promise.all([getTranslations("Failure"), getTranslations("Errors"), headers()]);
  const again = localPath(head.get(PATH_HEADER));
  return (
    <div role="alert" className="page grid justify-items-start gap-4 py-16">
      <h1 className="text-2xl font-semibold">{failure.status === 403 ? t("forbidden") : t("title")}</h1>
      <p className="text-muted">{errorLabel(errors, failure.code)}</p>
      <div className="flex flex-wrap gap-3">
        <Button asChild>
          <a href={again}>{t("retry")}</a>
        </Button>
        <Button asChild variant="secondary">
          <Link href="/">{t("home")}</Link>
        </Button>
      </div>
      <p className="text-sm text-muted">{t("reference", { id: failure.requestId ?? failure.code })}</p>
    </div>
  );
}
