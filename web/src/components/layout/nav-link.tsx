"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A link of the main navigation. `wide`: on a phone it is in the menu of the account instead. */
export function NavLink({ href, wide = false, children }: { href: string; wide?: boolean; children: ReactNode }) {
  const path = usePathname();
  const current = path === href || path.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={current ? "page" : undefined}
      className={cn(
        "min-h-11 items-center border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-muted hover:text-text aria-[current]:border-accent aria-[current]:text-text md:px-3",
        wide ? "hidden lg:inline-flex" : "inline-flex",
      )}
    >
      {children}
    </Link>
  );
}
