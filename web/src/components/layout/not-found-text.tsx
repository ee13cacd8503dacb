import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";

export function NotFoundText() {
  const t = useTranslations("Failure");
  return (
    <div className="page grid justify-items-start gap-4 py-16">
      <h1 className="text-2xl font-semibold">{t("notFound")}</h1>
      <p className="text-muted">{t("notFoundText")}</p>
      <Button asChild>
        <Link href="/" prefetch={false}>
          {t("home")}
        </Link>
      </Button>
    </div>
  );
}
