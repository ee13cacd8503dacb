import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { chipsOf, hrefOf, without, type Filters } from "@/lib/filters";
import type { ValueLabel } from "@/lib/value-labels";

type Props = { path: string; filters: Filters; total: number; prepared: number; title: string; label: ValueLabel; q?: string };

/** An empty list: a link to titles that do not play yet, to fewer filters, or past the end to page 1. */
export function NoMatches({ path, filters, total, prepared, title, label, q }: Props) {
  const t = useTranslations("Browse");
  const last = chipsOf(filters).at(-1);
  if (total > 0) {
    return (
      <Empty title={t("beyond", { page: filters.page })}>
        <ActionLink href={hrefOf(path, filters, {}, q)} label={t("first")} />
      </Empty>
    );
  }
  if (prepared > 0) {
    return (
      <Empty title={t("preparedOnly")}>
        <ActionLink href={hrefOf(path, filters, { playable: ["all"] }, q)} label={t("preparedShow", { count: prepared })} />
      </Empty>
    );
  }
  if (!last) return <Empty title={title} />;
  const filter = label(last.name, last.value);
  return (
    <Empty title={t("empty")}>
      <ActionLink href={hrefOf(path, filters, without(filters, last), q)} label={t("emptyRemove", { filter })} />
    </Empty>
  );
}

function ActionLink({ href, label }: { href: string; label: string }) {
  return (
    <Button asChild variant="secondary">
      <Link href={href} prefetch={false}>
        {label}
      </Link>
    </Button>
  );
}
