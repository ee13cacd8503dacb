import { cn } from "@/lib/cn";

/** A bar; the text beside it says the same. */
export function Meter({ percent, className }: { percent: number; className?: string }) {
  return (
    <span className={cn("meter", className)}>
      <span style={{ width: `${percent}%` }} />
    </span>
  );
}
