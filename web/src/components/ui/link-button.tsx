import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "./button";

/** A link that looks like a secondary button. */
export function LinkButton({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Button asChild variant="secondary">
      <Link href={href} prefetch={false}>
        {children}
      </Link>
    </Button>
  );
}
