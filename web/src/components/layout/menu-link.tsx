"use client";

import Link from "next/link";
import type { ComponentProps } from "react";

/** A link in a popover, which closes as the page changes under it. */
export function MenuLink(props: ComponentProps<typeof Link>) {
  return (
    <Link
      prefetch={false}
      onClick={(event) => event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover()}
      className="flex min-h-11 items-center gap-3 rounded-card px-3 text-sm hover:bg-background"
      {...props}
    />
  );
}
