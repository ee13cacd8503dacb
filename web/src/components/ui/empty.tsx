import type { ReactNode } from "react";

/** An empty list: one sentence, and one thing to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div data-slot="empty" className="grid justify-items-start gap-4 rounded-dialog border border-line bg-raised p-6 md:p-8">
      <p className="text-lg">{title}</p>
      {children}
    </div>
  );
}
