import type { ComponentProps, ReactNode } from "react";
import { Empty } from "@/components/ui/empty";
import { PAGE_SIZE } from "@/lib/filters";
import { Pagination } from "./pagination";
import { Shelf } from "./shelf";

type Props = Omit<ComponentProps<typeof Shelf>, "nameOf"> & {
  page: number;
  total: number;
  hrefOf: (page: number) => string;
  empty: ReactNode;
};

/** A page of titles, or what to do without any. */
export function TitleList({ titles, page, total, hrefOf, empty, ...placing }: Props) {
  return (
    <>
      {titles.length > 0 ? <Shelf titles={titles} {...placing} /> : empty}
      <Pagination page={page} last={Math.ceil(total / PAGE_SIZE)} hrefOf={hrefOf} />
    </>
  );
}

type EmptyListProps = { title: string; hint?: string; children?: ReactNode };

export function EmptyList({ title, hint, children }: EmptyListProps) {
  return (
    <Empty title={title}>
      {hint && <p className="text-muted">{hint}</p>}
      {children}
    </Empty>
  );
}
