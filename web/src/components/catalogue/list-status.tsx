import Link from "next/link";
import { useTranslations } from "next-intl";

type Props = { count: string; prepared: number; href: string; className?: string };

/** How many titles a list has, and how many it leaves out because they do not play yet. */
export function ListStatus({ count, prepared, href, className }: Props) {
  const t = useTranslations("Browse");
  return (
    <p role="status" className={className ? `tabular text-muted ${className}` : "tabular text-muted"}>
      {count}
      {prepared > 0 && (
        <>
          {" · "}
          <Link href={href} prefetch={false} className="inline-flex min-h-6 items-center underline decoration-line-strong underline-offset-4 hover:text-accent">
            {t("prepared", { count: prepared })}
          </Link>
        </>
      )}
    </p>
  );
}
