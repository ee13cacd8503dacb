import { X } from "lucide-react";
import Link from "next/link";

/** A filter that is set; following it removes it. `name` says so to screen readers. */
export function RemovableChip({ href, label, name }: { href: string; label: string; name: string }) {
  return (
    <Link
      href={href}
      prefetch={false}
      aria-label={name}
      data-slot="chip"
      className="inline-flex min-h-9 items-center gap-1.5 rounded-full border border-line-strong bg-accent-soft pr-2 pl-3 text-sm hover:border-accent"
    >
      {label}
      <X aria-hidden className="size-4" />
    </Link>
  );
}
