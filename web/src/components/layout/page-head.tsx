import type { ReactNode } from "react";

type Props = { title: string; status?: string; above?: ReactNode; children?: ReactNode };

/** The heading of a page, how much is on it, and what can be done with all of it. */
export function PageHead({ title, status, above, children }: Props) {
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4 pb-6">
      <div className="min-w-0">
        {above}
        <h1 className="text-3xl font-semibold">{title}</h1>
        {status && (
          <p role="status" className="tabular text-muted">
            {status}
          </p>
        )}
      </div>
      {children}
    </div>
  );
}
