import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

type Props = ComponentProps<"button"> & { icon: LucideIcon; label: string; keys?: string };

/** A button of the player; its tooltip names the key. */
export function IconButton({ icon: Icon, label, keys, className, ...rest }: Props) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-keyshortcuts={keys}
      title={keys ? `${label} (${keys})` : label}
      className={cn(
        "inline-flex size-11 shrink-0 items-center justify-center rounded-card text-white hover:bg-white/15 aria-pressed:text-accent",
        className,
      )}
      {...rest}
    >
      <Icon aria-hidden className="size-6" />
    </button>
  );
}
