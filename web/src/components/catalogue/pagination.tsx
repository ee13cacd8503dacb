import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { pagesAround } from "@/lib/filters";

type Props = { page: number; last: number; hrefOf: (page: number) => string };

export function Pagination({ page, last, hrefOf }: Props) {
  const t = useTranslations("Pages");
  if (last <= 1) return null;
  return (
    <nav aria-label={t("label")} className="mt-10 flex flex-wrap items-center justify-center gap-1">
      {page > 1 && (
        <PageLink href={hrefOf(page - 1)} name={t("previous")}>
          <ChevronLeft aria-hidden className="size-5" />
        </PageLink>
      )}
      {pagesAround(page, last).map((number, index) =>
        number === null ? (
          <span key={`gap-${index}`} aria-hidden className="px-1 text-muted">
            …
          </span>
        ) : (
          <PageLink key={number} href={hrefOf(number)} current={number === page}>
            {number}
          </PageLink>
        ),
      )}
      {page < last && (
        <PageLink href={hrefOf(page + 1)} name={t("next")}>
          <ChevronRight aria-hidden className="size-5" />
        </PageLink>
      )}
    </nav>
  );
}

type PageLinkProps = { href: string; name?: string; current?: boolean; children: ReactNode };

function PageLink({ href, name, current = false, children }: PageLinkProps) {
  return (
    <Link
      href={href}
      prefetch={false}
      aria-label={name}
      aria-current={current ? "page" : undefined}
      className="tabular grid size-11 place-items-center rounded-card text-sm text-muted hover:bg-raised hover:text-text aria-[current]:bg-accent-soft aria-[current]:font-semibold aria-[current]:text-text"
    >
      {children}
    </Link>
  );
}
