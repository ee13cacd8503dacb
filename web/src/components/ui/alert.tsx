import { CircleAlert, CircleCheck, Info } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const KINDS = {
  danger: { icon: CircleAlert, colour: "border-danger/60 [&>svg]:text-danger", role: "alert" },
  good: { icon: CircleCheck, colour: "border-good/60 [&>svg]:text-good", role: "status" },
  note: { icon: Info, colour: "border-line [&>svg]:text-muted", role: undefined },
} as const;

export function Alert({ kind, children, className }: { kind: keyof typeof KINDS; children: ReactNode; className?: string }) {
  const { icon: Icon, colour, role } = KINDS[kind];
  return (
    <div
      data-slot="alert"
      role={role}
      className={cn("flex gap-3 rounded-card border bg-raised p-4 text-sm [&>svg]:size-5 [&>svg]:shrink-0", colour, className)}
    >
      <Icon aria-hidden />
      <div className="grid gap-1">{children}</div>
    </div>
  );
}
