"use client";

import Link from "next/link";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

type Props = ComponentProps<typeof Link> & { narrow?: boolean };

/** A link in a popover, which closes as the page changes under it. `narrow`: only where the header lacks it. */
export function MenuLink({ narrow = false, ...rest }: Props) {
  return (
    <Link
      prefetch={false}
      onClick={(event) => event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover()}
      className={cn("flex min-h-11 items-center gap-3 rounded-card px-3 text-sm hover:bg-background", narrow && "lg:hidden")}
      {...rest}
    />
  );
}
