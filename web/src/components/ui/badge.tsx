import type { ReactNode } from "react";

export function Badge({ children }: { children: ReactNode }) {
  return (
    <span data-slot="badge" className="rounded-[4px] border border-line-strong px-1.5 text-xs leading-5 font-medium text-muted">
      {children}
    </span>
  );
}
